import { describe, expect, it } from "vitest";
import type { TokenGrant, TokenRequest, TokenSource } from "../src/token/sources.js";
import { type StoredToken, sharedTokenSource, type TokenStore, tokenKey } from "../src/token/store.js";

const LEASE = 60_000;

/** A store in this process, with rights that end only when they are given back. */
function memoryStore() {
  let held: number | undefined;
  let tickets = 0;
  let kept: { ticket: number; token: StoredToken } | undefined;
  let broken = false;
  const working = () => {
    if (broken) throw new Error("the store is gone");
  };
  const store: TokenStore = {
    async read() {
      working();
      return kept?.token;
    },
    async acquire() {
      working();
      if (held !== undefined) return undefined;
      held = ++tickets;
      return held;
    },
    async keep(_key, ticket, token) {
      working();
      if (ticket > (kept?.ticket ?? 0)) kept = { ticket, token };
      if (held === ticket) held = undefined;
    },
    async release(_key, ticket) {
      working();
      if (held === ticket) held = undefined;
    },
  };
  return {
    store,
    isHeld: () => held !== undefined,
    age: (remaining: number) => {
      if (kept) kept = { ...kept, token: { ...kept.token, remaining } };
    },
    breakDown: () => {
      broken = true;
    },
  };
}

/** A source that hands out T1, T2, …, each when the test lets it. */
function countingSource() {
  const requests: TokenRequest[] = [];
  let gate: Promise<void> | undefined;
  let failure: Error | undefined;
  const source: TokenSource = {
    force: { minInterval: 30_000, perDay: 20 },
    async fetch(request): Promise<TokenGrant> {
      requests.push(request);
      const number = requests.length;
      await gate;
      if (failure) throw failure;
      return { accessToken: `T${number}`, expiresIn: 7200 };
    },
  };
  return {
    source,
    requests,
    hold() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => open();
    },
    fail(error: Error | undefined) {
      failure = error;
    },
  };
}

const NORMAL: TokenRequest = { force: false };

describe("a token shared by several hosts", () => {
  it("is asked for by one of them, while the others wait for what it brings", async () => {
    const { store } = memoryStore();
    const { source, requests, hold } = countingSource();
    const hosts = [1, 2, 3, 4].map(() => sharedTokenSource(source, store, "key", LEASE));
    const open = hold();
    const grants = Promise.all(hosts.map((host) => host.fetch(NORMAL, 1)));
    open();
    expect((await grants).map((grant) => grant.accessToken)).toEqual(["T1", "T1", "T1", "T1"]);
    expect(requests).toHaveLength(1);
  });

  it("is used from the store with the life that is left", async () => {
    const { store, age } = memoryStore();
    const { source } = countingSource();
    await sharedTokenSource(source, store, "key", LEASE).fetch(NORMAL, 1);
    age(1_000_000);
    expect(await sharedTokenSource(source, store, "key", LEASE).fetch(NORMAL, 1)).toEqual({
      accessToken: "T1",
      expiresIn: 1000,
    });
  });

  it("is replaced in its last 300 s by one host; the others go on with the valid one meanwhile", async () => {
    const { store, age } = memoryStore();
    const { source, requests, hold } = countingSource();
    const [one, two] = [1, 2].map(() => sharedTokenSource(source, store, "key", LEASE));
    await one?.fetch(NORMAL, 1);
    age(300_000);
    const open = hold();
    const replaced = one?.fetch(NORMAL, 1);
    await new Promise(setImmediate);
    expect(await two?.fetch(NORMAL, 1)).toEqual({ accessToken: "T1", expiresIn: 300 });
    open();
    expect(await replaced).toMatchObject({ accessToken: "T2" });
    expect(requests).toHaveLength(2);
  });

  it("that WeChat refused is replaced once, however many hosts saw the refusal", async () => {
    const { store } = memoryStore();
    const { source, requests } = countingSource();
    const hosts = [1, 2, 3].map(() => sharedTokenSource(source, store, "key", LEASE));
    await Promise.all(hosts.map((host) => host.fetch(NORMAL, 1)));
    const grants = await Promise.all(hosts.map((host) => host.fetch({ force: false, refused: "T1" }, 1)));
    expect(grants.map((grant) => grant.accessToken)).toEqual(["T2", "T2", "T2"]);
    expect(requests).toHaveLength(2);
  });

  it("leaves no right behind when WeChat refuses to give one", async () => {
    const { store, isHeld } = memoryStore();
    const { source, fail } = countingSource();
    fail(new Error("wrong secret"));
    const host = sharedTokenSource(source, store, "key", LEASE);
    await expect(host.fetch(NORMAL, 1)).rejects.toThrow("wrong secret");
    expect(isHeld()).toBe(false);
    fail(undefined);
    expect(await host.fetch(NORMAL, 1)).toMatchObject({ accessToken: "T2" });
  });

  it("leaves no right behind when the store fails at the second look", async () => {
    const { store, isHeld } = memoryStore();
    const { source } = countingSource();
    let looks = 0;
    const failing: TokenStore = {
      ...store,
      read: (key) => (++looks === 2 ? Promise.reject(new Error("gone for a moment")) : store.read(key)),
    };
    expect(await sharedTokenSource(source, failing, "key", LEASE).fetch(NORMAL, 1)).toMatchObject({
      accessToken: "T1",
    });
    expect(looks).toBe(2);
    expect(isHeld()).toBe(false);
  });

  it("leaves no right behind when the client is closed right after it got it", async () => {
    const { store, isHeld } = memoryStore();
    const { source, fail } = countingSource();
    const closing = new AbortController();
    const slow: TokenStore = {
      ...store,
      acquire: (key, lease) => store.acquire(key, lease).finally(() => closing.abort()),
    };
    fail(new Error("closed"));
    const asked = sharedTokenSource(source, slow, "key", LEASE).fetch({ force: false, signal: closing.signal }, 1);
    await expect(asked).rejects.toThrow("closed");
    expect(isHeld()).toBe(false);
  });

  it("leaves no right behind when the store fails to keep what came", async () => {
    const { store, isHeld } = memoryStore();
    const { source } = countingSource();
    const failing: TokenStore = { ...store, keep: () => Promise.reject(new Error("gone for a moment")) };
    await sharedTokenSource(source, failing, "key", LEASE).fetch(NORMAL, 1);
    expect(isHeld()).toBe(false);
  });

  it("that another host brought is used even if the right cannot be given back", async () => {
    const { store } = memoryStore();
    const { source, requests } = countingSource();
    const failing: TokenStore = {
      ...store,
      async acquire(key, lease) {
        await sharedTokenSource(source, store, key, lease).fetch(NORMAL, 1);
        return store.acquire(key, lease);
      },
      release: () => Promise.reject(new Error("gone")),
    };
    expect(await sharedTokenSource(source, failing, "key", LEASE).fetch(NORMAL, 1)).toMatchObject({
      accessToken: "T1",
    });
    expect(requests).toHaveLength(1);
  });

  it("is asked for without the store when the store is gone", async () => {
    const { store, breakDown } = memoryStore();
    const { source, requests } = countingSource();
    const host = sharedTokenSource(source, store, "key", LEASE);
    await host.fetch(NORMAL, 1);
    breakDown();
    expect(await host.fetch(NORMAL, 1)).toMatchObject({ accessToken: "T2" });
    expect(requests).toHaveLength(2);
  });

  it("that came is given even if the store goes while it is kept", async () => {
    const { store } = memoryStore();
    const { source } = countingSource();
    const failing: TokenStore = { ...store, keep: () => Promise.reject(new Error("gone")) };
    expect(await sharedTokenSource(source, failing, "key", LEASE).fetch(NORMAL, 1)).toMatchObject({
      accessToken: "T1",
    });
  });

  it("is not waited for after the client was closed", async () => {
    const { store } = memoryStore();
    const { source, fail } = countingSource();
    await store.acquire("key", LEASE);
    const closing = new AbortController();
    const waiting = sharedTokenSource(source, store, "key", LEASE).fetch({ force: false, signal: closing.signal }, 1);
    fail(new Error("closed"));
    closing.abort();
    await expect(waiting).rejects.toThrow("closed");
  });

  it("has a key that another AppID, AppSecret, base URL or kind of token does not share", () => {
    const parts = { appId: "wx1", appSecret: "s1", baseUrl: new URL("https://api.example"), source: "stable" };
    const keys = [
      parts,
      { ...parts, appId: "wx2" },
      { ...parts, appSecret: "s2" },
      { ...parts, baseUrl: new URL("https://api.example/two") },
      { ...parts, source: "classic" },
    ].map(tokenKey);
    expect(new Set(keys).size).toBe(5);
    expect(tokenKey({ ...parts })).toBe(keys[0]);
    expect(keys.join()).not.toContain("s1");
  });
});
