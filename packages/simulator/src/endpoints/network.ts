import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { isLoopbackName } from "../browser-guard.js";
import { refuse } from "../errors.js";
import type { Fields } from "../options.js";
import { type ApiAnswer, type Context, json } from "./endpoint.js";

const ACTIONS = ["dns", "ping", "all"];
const OPERATORS = ["CHINANET", "UNICOM", "CAP", "DEFAULT"];

/** GET /cgi-bin/getcallbackip and /cgi-bin/get_api_domain_ip: this WeChat calls from, and is found at, this machine. */
export function listAddresses(): ApiAnswer {
  return json({ ip_list: ["127.0.0.1"] });
}

/** POST /cgi-bin/callback/check. No packet leaves: the account's option `callbackNetwork` says what is found. */
export function checkCallback({ action, check_operator }: Fields, { account }: Context): ApiAnswer {
  const { callback, callbackNetwork } = account.options;
  if (typeof action !== "string" || !ACTIONS.includes(action)) return refuse(40202);
  if (typeof check_operator !== "string" || !OPERATORS.includes(check_operator)) return refuse(40203);
  if (callback === undefined) return refuse(40201);
  const ips = callbackNetwork === "unknown-host" ? [] : [addressOf(new URL(callback).hostname)];
  const from_operator = check_operator === "DEFAULT" ? "CAP" : check_operator;
  // A ping sends one packet: it is lost, or not.
  const result =
    callbackNetwork === "unreachable" ? { package_loss: "100%" } : { package_loss: "0%", time: "23.079ms" };
  return json({
    ...(action === "ping" ? {} : { dns: ips.map((ip) => ({ ip, real_operator: "UNICOM" })) }),
    ...(action === "dns" ? {} : { ping: ips.map((ip) => ({ ip, from_operator, ...result })) }),
  });
}

/** An address for a name without asking the network: for names of the world, one of TEST-NET-3 (RFC 5737). */
function addressOf(hostname: string): string {
  const name = hostname.replace(/^\[|\]$/g, "");
  if (isIP(name) !== 0) return name;
  if (isLoopbackName(name)) return "127.0.0.1";
  return `203.0.113.${createHash("sha256").update(name).digest()[0] ?? 0}`;
}
