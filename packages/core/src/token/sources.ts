import * as z from "zod";
import { calls, observed } from "../call-events.js";
import { CLIENT_REMEDY } from "../error-catalog.js";
import { apiError, closedError, WeChatClientError, WeChatError, WeChatTransportError } from "../errors.js";
import { unlessGivenUp } from "../give-up.js";
import { redactForeign } from "../redact.js";
import { readAnswer } from "../transport/answer.js";
import type { ExchangeRequest } from "../transport/exchange.js";
import type { Transport } from "../transport/transport.js";
import { once } from "../validation.js";

/** An access token and how long it lives. */
export interface TokenGrant {
  /** The token. */
  readonly accessToken: string;
  /** Seconds that the token still lives. */
  readonly expiresIn: number;
}

/** Why a token is asked for. */
export interface TokenRequest {
  /** Replace the token even if it looks valid: WeChat refused it, and the normal way repeated it. */
  readonly force: boolean;
  /** The token that WeChat refused, if this request is because of one. */
  readonly refused?: string;
  /** Aborted when the client is closed. */
  readonly signal?: AbortSignal;
}

/**
 * Your own source of access tokens, such as a central token server. A plain string is kept for 60 seconds
 * (WeChat's advice to workers that read a shared token).
 */
export type TokenFunction = (request: TokenRequest) => Promise<string | TokenGrant>;

export interface TokenSource {
  /** How often a token may be forced: WeChat allows stable_token one in 30 s and 20 a day. */
  readonly force: { readonly minInterval: number; readonly perDay: number } | undefined;
  /** @param attempt 1 is the first of a row */
  fetch(request: TokenRequest, attempt: number): Promise<TokenGrant>;
}

/**
 * Milliseconds at the end of a stable token's life in which its successor is valid too
 * (developers.weixin.qq.com, getStableAccessToken).
 */
export const OVERLAP = 300_000;

const TOKEN_ANSWER = once(() => z.object({ access_token: z.string().min(1), expires_in: z.number().positive() }));
const EXTERNAL_TOKEN_LIFE = 60;

interface Credentials {
  readonly appId: string;
  readonly appSecret: string;
}

interface Wire {
  readonly transport: Transport;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** What no error may show. */
  readonly secrets: readonly string[];
}

/**
 * `POST /cgi-bin/stable_token`: every normal call gets the same token, so programs need no shared store.
 * Source: developers.weixin.qq.com, getStableAccessToken.
 */
export function stableTokenSource({ appId, appSecret }: Credentials, wire: Wire): TokenSource {
  const ask = askingWeChat(appId, wire);
  return {
    force: { minInterval: 30_000, perDay: 20 },
    fetch: ({ force, signal }, attempt) =>
      ask(attempt, {
        method: "POST",
        path: "/cgi-bin/stable_token",
        body: Buffer.from(
          JSON.stringify({ grant_type: "client_credential", appid: appId, secret: appSecret, force_refresh: force }),
        ),
        endpoint: "POST /cgi-bin/stable_token",
        timeout: wire.timeout,
        signal,
      }),
  };
}

/**
 * `GET /cgi-bin/token`: each call ends the former token after 5 minutes; 2000 calls a day. For accounts whose other
 * programs use it too. Source: developers.weixin.qq.com, getAccessToken.
 */
export function classicTokenSource({ appId, appSecret }: Credentials, wire: Wire): TokenSource {
  const query = new URLSearchParams({ grant_type: "client_credential", appid: appId, secret: appSecret });
  const ask = askingWeChat(appId, wire);
  return {
    force: undefined,
    fetch: ({ signal }, attempt) =>
      ask(attempt, {
        method: "GET",
        path: `/cgi-bin/token?${query}`,
        endpoint: "GET /cgi-bin/token",
        timeout: wire.timeout,
        signal,
      }),
  };
}

/**
 * @param timeout milliseconds after which a call of the function is given up
 * @param secrets what the function throws may quote, and no error may show
 */
export function externalTokenSource(
  fetchToken: TokenFunction,
  timeout: number,
  secrets: readonly string[],
): TokenSource {
  return {
    force: { minInterval: 0, perDay: Number.POSITIVE_INFINITY },
    async fetch(request) {
      let granted: string | TokenGrant;
      try {
        // What never settles must not keep all later callers waiting.
        granted = await unlessGivenUp(Promise.resolve(fetchToken(request)), timeout, request.signal, (reason) =>
          reason === "timeout" ? new Error(`no answer within ${timeout} ms`) : closedError(),
        );
      } catch (error) {
        if (error instanceof WeChatError) throw error;
        const words = redactForeign(error instanceof Error ? error.message : String(error), secrets);
        throw tokenSourceError(`The tokenSource function failed: ${words}`);
      }
      const grant = typeof granted === "string" ? { accessToken: granted, expiresIn: EXTERNAL_TOKEN_LIFE } : granted;
      if (typeof grant?.accessToken !== "string" || grant.accessToken === "" || !(grant.expiresIn > 0)) {
        throw tokenSourceError(
          "The tokenSource function must give a string that is not empty, or { accessToken, expiresIn } with seconds above 0.",
        );
      }
      return grant;
    },
  };
}

const askingWeChat = (appId: string, wire: Wire) => {
  return (attempt: number, request: ExchangeRequest): Promise<TokenGrant> => {
    const run = () => askWeChat(wire, request);
    return calls.hasSubscribers ? observed({ appId, endpoint: request.endpoint, attempt }, run) : run();
  };
};

async function askWeChat({ transport, secrets }: Wire, request: ExchangeRequest): Promise<TokenGrant> {
  const answer = readAnswer(await transport.exchange(request), request.endpoint);
  if (answer.errcode) {
    throw apiError({
      errcode: answer.errcode,
      errmsg: answer.errmsg ?? "",
      endpoint: request.endpoint,
      atTokenEndpoint: true,
      secrets,
    });
  }
  const granted = TOKEN_ANSWER().safeParse(answer);
  if (granted.success) return { accessToken: granted.data.access_token, expiresIn: granted.data.expires_in };
  const message = `${request.endpoint}: the answer holds neither a token nor an errcode`;
  throw new WeChatTransportError({ reason: "answer", message, sent: true });
}

function tokenSourceError(message: string): WeChatClientError {
  return new WeChatClientError("WECHAT_TOKEN_SOURCE", message, CLIENT_REMEDY.tokenSource);
}
