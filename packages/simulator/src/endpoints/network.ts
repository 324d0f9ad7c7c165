import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isLoopbackName } from "../browser-guard.js";
import { refuse } from "../errors.js";
import type { Fields } from "../options.js";
import { type Answered, type ApiAnswer, type Context, json } from "./endpoint.js";

const ACTIONS = ["dns", "ping", "all"];
const OPERATORS = ["CHINANET", "UNICOM", "CAP", "DEFAULT"];

/** GET /cgi-bin/getcallbackip and /cgi-bin/get_api_domain_ip: this WeChat calls from, and is found at, this machine. */
export function listAddresses(): ApiAnswer {
  return json({ ip_list: ["127.0.0.1"] });
}

interface Found {
  readonly ips: readonly string[];
  /** Milliseconds until a connection stood; undefined when it did not. */
  readonly ms: number | undefined;
}

/** POST /cgi-bin/callback/check. The account's option `callbackNetwork` says what is found; only `real` looks. */
export function checkCallback({ action, check_operator }: Fields, context: Context): Answered {
  const { callback, callbackNetwork } = context.account.options;
  if (typeof action !== "string" || !ACTIONS.includes(action)) return refuse(40202);
  if (typeof check_operator !== "string" || !OPERATORS.includes(check_operator)) return refuse(40203);
  if (callback === undefined) return refuse(40201);
  const url = new URL(callback);
  const tell = (found: Found) => network(found, action, check_operator);
  if (callbackNetwork === "real") return look(url, context).then(tell);
  const ips = callbackNetwork === "unknown-host" ? [] : [addressOf(hostOf(url))];
  return tell({ ips, ms: callbackNetwork === "unreachable" ? undefined : 23.079 });
}

function network({ ips, ms }: Found, action: string, operator: string): ApiAnswer {
  const from_operator = operator === "DEFAULT" ? "CAP" : operator;
  // A ping sends one packet: it is lost, or not.
  const result = ms === undefined ? { package_loss: "100%" } : { package_loss: "0%", time: `${ms.toFixed(3)}ms` };
  return json({
    ...(action === "ping" ? {} : { dns: ips.map((ip) => ({ ip, real_operator: "UNICOM" })) }),
    ...(action === "dns" ? {} : { ping: ips.map((ip) => ({ ip, from_operator, ...result })) }),
  });
}

/** Looks the name up and connects to the port; a program may not ping everywhere. */
async function look(url: URL, { account, world }: Context): Promise<Found> {
  const host = hostOf(url);
  const ips = await lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  const port = Number(url.port === "" ? { "http:": 80, "https:": 443 }[url.protocol] : url.port);
  return { ips, ms: ips.length === 0 ? undefined : await world.pusher.reach(account, host, port) };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** An address for a name without asking the network: for names of the world, one of TEST-NET-3 (RFC 5737). */
function addressOf(name: string): string {
  if (isIP(name) !== 0) return name;
  if (isLoopbackName(name)) return "127.0.0.1";
  return `203.0.113.${createHash("sha256").update(name).digest()[0] ?? 0}`;
}
