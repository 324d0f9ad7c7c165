/** Directives of Caddy that the pages use. */
const CADDY = new Set(["reverse_proxy", "handle", "respond", "lb_policy", "tls", "encode"]);

/** Directives of nginx that the pages use. */
const NGINX = new Set([
  ...["upstream", "server", "listen", "server_name", "ssl_certificate", "ssl_certificate_key", "location"],
  ...["proxy_pass", "proxy_set_header", "proxy_read_timeout", "proxy_buffering"],
]);

/** What is wrong with a configuration: by a rule, because the program itself is not there. */
export const CONFIG_RULES: Readonly<Record<string, (code: string) => string[]>> = {
  nginx: (code) => [
    ...braces(code),
    ...lines(code).filter(
      (line) => !/[;{}]$/.test(line) || (line !== "}" && !NGINX.has(line.split(/[\s;]/, 1)[0] ?? "")),
    ),
  ],
  caddy: (code) => {
    let depth = 0;
    const wrong = lines(code).filter((line) => {
      if (line.endsWith("}")) depth--;
      const directive = line.split(/\s/, 1)[0] ?? "";
      const known = line === "}" || depth === 0 || CADDY.has(directive);
      if (line.endsWith("{")) depth++;
      return !known;
    });
    return [...braces(code), ...wrong];
  },
  // redis.conf: a directive and its values.
  conf: (code) => lines(code).filter((line) => !/^[a-z-]+ \S+( \S+)*$/.test(line)),
};

const lines = (code: string) =>
  code
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");

function braces(code: string): string[] {
  const count = (brace: string) => lines(code).join("\n").split(brace).length;
  return count("{") === count("}") ? [] : ["the braces do not match"];
}
