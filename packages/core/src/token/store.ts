import { createHash } from "node:crypto";
import { pause } from "../retry.js";
import { OVERLAP, type TokenGrant, type TokenRequest, type TokenSource } from "./sources.js";

/** A token as a store gives it. */
export interface StoredToken {
  /** The access token. Secret. */
  readonly accessToken: string;
  /** Milliseconds that it still lives. */
  readonly remaining: number;
}

/**
 * Where several hosts share the access token of an account, such as the Redis of `@wechat-offiaccount/core/redis`. A
 * store that fails is passed by: the client then asks WeChat itself.
 */
export interface TokenStore {
  /** The token kept under the key, if it still lives. */
  read(key: string): Promise<StoredToken | undefined>;
  /**
   * The right to ask WeChat for a token, as a number that grows with each one given; `undefined` while another has it.
   * @param lease milliseconds after which the right of a process that died ends
   */
  acquire(key: string, lease: number): Promise<number | undefined>;
  /** Keeps the token, unless one asked for later is kept; then gives the right back. */
  keep(key: string, ticket: number, token: StoredToken): Promise<void>;
  /** Gives the right back without a token. */
  release(key: string, ticket: number): Promise<void>;
}

/** Milliseconds between two looks at the store while another host asks WeChat. */
const LOOK_AGAIN_AFTER = 100;

/** The AppSecret is part of the key, so that a wrong one never gets the token of the right one. */
export function tokenKey(parts: { appId: string; appSecret: string; baseUrl: URL; source: string }): string {
  const { appId, appSecret, baseUrl, source } = parts;
  return createHash("sha256").update([appId, appSecret, baseUrl.href, source].join("\0")).digest("hex").slice(0, 32);
}

/** What the store lets a host do. */
type Turn = { readonly use: StoredToken } | { readonly ask: number } | "wait" | "alone";

/**
 * A source whose tokens are shared by all hosts that use the store: one of them asks WeChat, the others wait for what
 * it brings.
 * @param lease milliseconds for which one host has the right to ask; longer than one call of the source
 */
export function sharedTokenSource(source: TokenSource, store: TokenStore, key: string, lease: number): TokenSource {
  async function usable(refused: string | undefined): Promise<StoredToken | undefined> {
    const kept = await store.read(key);
    return kept && kept.accessToken !== refused && kept.remaining > 0 ? kept : undefined;
  }

  const giveBack = (ticket: number) => store.release(key, ticket).catch(ignored);

  async function turn(refused: string | undefined): Promise<Turn> {
    const kept = await usable(refused);
    if (kept && kept.remaining > OVERLAP) return { use: kept };
    const ticket = await store.acquire(key, lease);
    if (ticket === undefined) return kept ? { use: kept } : "wait";
    try {
      // Between the look and the right another host may have brought one.
      const brought = await usable(refused);
      if (!brought || brought.remaining <= OVERLAP) return { ask: ticket };
      await giveBack(ticket);
      return { use: brought };
    } catch (error) {
      await giveBack(ticket);
      throw error;
    }
  }

  async function ask(request: TokenRequest, attempt: number, ticket: number): Promise<TokenGrant> {
    try {
      const granted = await source.fetch(request, attempt);
      const { accessToken, expiresIn } = granted;
      await store.keep(key, ticket, { accessToken, remaining: expiresIn * 1000 }).catch(() => {
        // Nobody waits for it: the store may still be away.
        void giveBack(ticket);
      });
      return granted;
    } catch (error) {
      await giveBack(ticket);
      throw error;
    }
  }

  return {
    force: source.force,
    async fetch(request, attempt) {
      for (;;) {
        const now: Turn = await turn(request.refused).catch(() => "alone");
        // Also for one who gave up meanwhile: the source refuses it, and the right is given back.
        if (typeof now === "object" && "ask" in now) return ask(request, attempt, now.ask);
        if (now === "alone" || request.signal?.aborted) return source.fetch(request, attempt);
        if (now === "wait") await pause(LOOK_AGAIN_AFTER, request.signal);
        else return grantOf(now.use);
      }
    },
  };
}

const grantOf = ({ accessToken, remaining }: StoredToken): TokenGrant => ({ accessToken, expiresIn: remaining / 1000 });

/** The store tells its owner of failures; the token at hand is good without it. */
const ignored = () => {};
