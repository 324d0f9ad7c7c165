import * as z from "zod";
import { once } from "../validation.js";
import { endpoint } from "./endpoint.js";
import { type CallOptions, Resource } from "./requester.js";
import { nothing } from "./schemas.js";

const SOURCE = "https://developers.weixin.qq.com/doc/service/api/base/";
const addresses = once(() => z.object({ ip_list: z.array(z.string()) }).transform(({ ip_list }) => ip_list));

export const CALLBACK_IPS = endpoint({
  name: "network.callbackIps",
  method: "GET",
  path: "/cgi-bin/getcallbackip",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: addresses,
  source: SOURCE,
});

export const API_IPS = endpoint({
  name: "network.apiIps",
  method: "GET",
  path: "/cgi-bin/get_api_domain_ip",
  retry: "read",
  input: nothing,
  wire: () => ({}),
  answer: addresses,
  source: SOURCE,
});

export const CHECK_CALLBACK = endpoint({
  name: "network.checkCallback",
  method: "POST",
  path: "/cgi-bin/callback/check",
  retry: "read",
  input: () =>
    z.strictObject({
      action: z.enum(["dns", "ping", "all"], "must be dns, ping or all").default("all"),
      operator: z
        .enum(["CHINANET", "UNICOM", "CAP", "DEFAULT"], "must be CHINANET, UNICOM, CAP or DEFAULT")
        .default("DEFAULT"),
    }),
  wire: ({ action, operator }) => ({ body: { action, check_operator: operator } }),
  answer: () =>
    z
      .object({
        dns: z.array(z.object({ ip: z.string(), real_operator: z.string().default("") })).default([]),
        ping: z
          .array(
            z.object({
              ip: z.string(),
              from_operator: z.string().default(""),
              package_loss: z.string().default(""),
              time: z.string().default(""),
            }),
          )
          .default([]),
      })
      .transform(({ dns, ping }) => ({
        dns: dns.map(({ ip, real_operator }) => ({ ip, operator: real_operator })),
        ping: ping.map(({ ip, from_operator, package_loss, time }) => ({
          ip,
          fromOperator: from_operator,
          packetLoss: package_loss,
          time,
        })),
      })),
  errcodes: [40201, 40202, 40203],
  source: SOURCE,
});

/** What WeChat found on its way to the callback; a list is empty where it was not asked for. */
export interface CallbackCheck {
  /** The addresses that the callback's host name leads to. */
  readonly dns: readonly ResolvedAddress[];
  /** What WeChat's pings saw. */
  readonly ping: readonly PingedAddress[];
}

/** An address that the callback's host name leads to. */
export interface ResolvedAddress {
  /** The address. */
  readonly ip: string;
  /** The network operator whose address it is. */
  readonly operator: string;
}

/** An address of the callback that WeChat pinged. */
export interface PingedAddress {
  /** The address. */
  readonly ip: string;
  /** The network operator from whose network. */
  readonly fromOperator: string;
  /** How much got lost, in WeChat's words, such as `0%`. */
  readonly packetLoss: string;
  /** How long it took, in WeChat's words, such as `21.000ms`. */
  readonly time: string;
}

/** How WeChat reaches this account's callback, and which addresses WeChat uses. */
export class Network extends Resource {
  /**
   * The addresses from which WeChat pushes to the callback, for a firewall. Refresh them daily.
   * @throws WeChatError
   */
  callbackIps(options?: CallOptions): Promise<readonly string[]> {
    return this.request(CALLBACK_IPS, {}, options);
  }

  /**
   * The addresses of WeChat's API, for a firewall. Refresh them daily; call the domain, never an address.
   * @throws WeChatError
   */
  apiIps(options?: CallOptions): Promise<readonly string[]> {
    return this.request(API_IPS, {}, options);
  }

  /**
   * Lets WeChat resolve and ping the callback URL that the account has set.
   * @param input `action`: what is done, default `all`; `operator`: from whose network (`CHINANET` 中国电信, `UNICOM`
   *   中国联通, `CAP`
   *   Tencent's own), default the one that WeChat picks by the address
   * @throws WeChatValidationError; WeChatApiError 40201 (no callback URL is set) and others
   */
  checkCallback(
    input: { action?: "dns" | "ping" | "all"; operator?: "CHINANET" | "UNICOM" | "CAP" | "DEFAULT" } = {},
    options?: CallOptions,
  ): Promise<CallbackCheck> {
    return this.request(CHECK_CALLBACK, input, options);
  }
}
