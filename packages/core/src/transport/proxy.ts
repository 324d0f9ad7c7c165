/** How a host is reached. */
export interface Route {
  /** The host that is asked. */
  readonly host: string;
  /** Host and port of the proxy in between, without user and password; undefined if there is none, or none is known. */
  readonly proxy: () => string | undefined;
}

/**
 * The proxy that requests to an origin go through: host and port, without user and password. NO_PROXY is not looked at:
 * who asks knows that it was the proxy that failed.
 * @param proxy its URL, or `env` for the environment's
 */
export function proxyHost(
  origin: string,
  proxy: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const url = proxy === "env" ? env[proxyVariable(new URL(origin), env) ?? ""] : proxy;
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}

/** The variable that undici's EnvHttpProxyAgent takes the proxy from: lower case first, HTTP_PROXY for https too. */
export function proxyVariable({ protocol }: URL, env: NodeJS.ProcessEnv): string | undefined {
  const names = ["http_proxy", "HTTP_PROXY"];
  if (protocol === "https:") names.unshift("https_proxy", "HTTPS_PROXY");
  return names.find((name) => env[name]);
}
