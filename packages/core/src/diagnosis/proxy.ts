import { fill } from "../bilingual.js";
import type { Bilingual } from "../error-catalog.js";
import type { CheckedOptions } from "../options.js";
import { proxyVariable } from "../transport/proxy.js";

/** How requests travel, for a sentence and for programs. */
export interface Way {
  readonly words: Bilingual;
  /** Host and port of the proxy, without user and password. */
  readonly proxy?: string;
  /** The variable that names a proxy which this client was not told to use. */
  readonly unused?: string;
}

const DIRECT: Bilingual = { en: "no proxy", zh: "未使用代理" };
const OWN: Bilingual = { en: "through your own dispatcher", zh: "经自定义的 dispatcher" };
const THROUGH: Bilingual = { en: "through the proxy {proxy}", zh: "经代理 {proxy}" };
const BY_ENVIRONMENT: Bilingual = {
  en: "through the proxy {proxy} of {variable}, unless NO_PROXY excepts the host",
  zh: "经环境变量 {variable} 的代理 {proxy}，NO_PROXY 排除的主机除外",
};

/** Which proxy the client's requests go through. */
export function wayOf(
  { proxy, dispatcher, baseUrl }: Pick<CheckedOptions, "proxy" | "dispatcher" | "baseUrl">,
  env: NodeJS.ProcessEnv = process.env,
): Way {
  if (dispatcher) return { words: OWN };
  const variable = proxyVariable(baseUrl, env);
  if (proxy === undefined) return { words: DIRECT, ...(variable !== undefined && { unused: variable }) };
  if (proxy !== "env") return through(THROUGH, proxy);
  return variable === undefined ? { words: DIRECT } : through(BY_ENVIRONMENT, env[variable] ?? "", variable);
}

function through(words: Bilingual, url: string, variable = ""): Way {
  const proxy = URL.canParse(url) ? new URL(url).host : "?";
  return { words: fill(words, { proxy, variable }), proxy };
}
