import { inspect } from "node:util";
import { Inbox, openInbox } from "@wechat-offiaccount/core";
import { openRedisStore } from "@wechat-offiaccount/core/redis";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { arrival, delivered, MINUTE, textOf } from "../../packages/core/test/support/inbox.js";
import { clientOf, inFlight, simulated } from "../support/desk.js";
import { freePort, hasRedis, redisServer } from "../support/redis.js";
import { tcpProxy } from "../support/tcp-proxy.js";

/** An inbox, with what was told of Redis' absence and of failures that nobody waits for. */
async function inboxIn(url: string) {
  const told: unknown[] = [];
  const onError = (error: unknown) => told.push(error);
  const store = await openRedisStore({ url, onError });
  const inbox = new Inbox({ appId: DEFAULT_APP_ID, store, onError });
  onTestFinished(() => inbox.close().catch(() => {}));
  return { inbox, store, told };
}

/** One whose scripts Redis knows, behind a proxy that can lose answers; and another process's. */
async function lossy() {
  const { url } = await redisServer();
  const proxy = await tcpProxy(url);
  const { inbox } = await inboxIn(proxy.url);
  const { inbox: other } = await inboxIn(url);
  const first = arrival("oFirst");
  await inbox.receive(first);
  await inbox.emitted(first.key);
  await inbox.takeAbandoned();
  await inbox.recordSent("oFirst", delivered("hi"));
  await inbox.amendNote("first", () => "x", MINUTE);
  return { proxy, inbox, other };
}
const LOST = { code: "WECHAT_STORE", remedy: { zh: expect.stringContaining("Redis") } };
/** As WeChat, and a callback, repeat. */
const untilDone = <T>(work: () => Promise<T>) => expect.poll(() => work().catch(() => undefined), { timeout: 20_000 });

describe.runIf(hasRedis)("an inbox whose Redis fails", () => {
  it("loses and doubles nothing while Redis is killed and started again", async () => {
    const redis = await redisServer({ durable: true });
    const { inbox } = await inboxIn(redis.url);
    const pushes = Array.from({ length: 400 }, (_, n) => arrival(`o${n % 7}`));
    const handedOn: string[] = [];
    let failures = 0;
    let restart: Promise<void> | undefined;
    const receive = async (push: (typeof pushes)[number]) => {
      for (;;) {
        try {
          if ((await inbox.receive(push)) === "new") handedOn.push(push.key);
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: "WECHAT_STORE" });
          failures++;
        }
      }
    };
    await inFlight(20, pushes.length, async (n) => {
      if (n === 150) restart = redis.kill().then(() => redis.start());
      await receive(pushes[n]!);
    });
    await restart;
    handedOn.push(...(await inbox.takeAbandoned()).map(({ key }) => key));
    expect(failures).toBeGreaterThan(0);
    expect(handedOn.toSorted()).toEqual(pushes.map(({ key }) => key).toSorted());
    for (const key of handedOn) await inbox.emitted(key);
    expect(await inbox.stats()).toMatchObject({ messages: 400, unread: 400, pending: 0 });
    expect((await inbox.incoming({ limit: 500 })).messages).toHaveLength(400);
  });

  it("a push whose answer was lost is new when WeChat repeats it, and only then", async () => {
    const { proxy, inbox } = await lossy();
    const push = { ...arrival("oA"), nonce: "n", timestamp: 1 };
    proxy.loseNextAnswer();
    await expect(inbox.receive(push)).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.receive(push)).toBe("new");
    expect(await inbox.receive(push)).toBe("duplicate");
    expect(await inbox.takeAbandoned()).toEqual([]);
    expect((await inbox.read("oA")).messages).toHaveLength(1);
  });

  it("a push whose answer was lost twice is new at the third time", async () => {
    const { proxy, inbox } = await lossy();
    const push = arrival("oA");
    proxy.loseNextAnswer();
    await expect(inbox.receive(push)).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.stats()).toBeDefined();
    proxy.loseNextAnswer();
    await expect(inbox.receive(push)).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.receive(push)).toBe("new");
    expect((await inbox.read("oA")).messages).toHaveLength(1);
  });

  it("a push whose answer was lost, and that WeChat repeats elsewhere, is found by who kept it", async () => {
    const { proxy, inbox, other } = await lossy();
    const push = arrival("oA");
    proxy.loseNextAnswer();
    await expect(inbox.receive(push)).rejects.toMatchObject(LOST);
    expect(await other.receive(push)).toBe("duplicate");
    expect(await other.takeAbandoned()).toEqual([]);
    await untilDone(() => inbox.takeAbandoned()).toEqual([push]);
    expect(await inbox.takeAbandoned()).toEqual([]);
    expect(await inbox.receive(push)).toBe("duplicate");
  });

  it("what was taken over while the answer was lost is taken over again", async () => {
    const { proxy, inbox, other } = await lossy();
    const kept = [arrival("oA"), arrival("oB")];
    for (const push of kept) await other.receive(push);
    await other.close();
    proxy.loseNextAnswer();
    await expect(inbox.takeAbandoned()).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.takeAbandoned()).toEqual(kept);
    expect(await inbox.takeAbandoned()).toEqual([]);
  });

  it("a reply whose answer was lost is kept once", async () => {
    const { proxy, inbox, other } = await lossy();
    proxy.loseNextAnswer();
    await expect(inbox.recordSent("oA", delivered("once"))).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.recordSent("oB", delivered("later"))).toBeDefined();
    expect((await other.read("oA")).messages.map(textOf)).toEqual(["once"]);
  });

  it("a note whose answer was lost is changed once, and who repeats that finds it changed", async () => {
    const { proxy, inbox, other } = await lossy();
    const add = (before = "") => `${before}+`;
    proxy.loseNextAnswer();
    await expect(inbox.amendNote("n", add, MINUTE)).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.stats()).toBeDefined();
    expect(await other.amendNote("n", () => undefined, MINUTE)).toBe("+");
    const own = (before: string | undefined) => (before === undefined ? "mine" : undefined);
    proxy.loseNextAnswer();
    await expect(inbox.amendNote("claim", own, MINUTE)).rejects.toMatchObject(LOST);
    await untilDone(() => inbox.amendNote("claim", own, MINUTE)).toBe("mine");
  });

  it("what was handed on while Redis could not be told is not handed on again after the end", async () => {
    const redis = await redisServer({ durable: true });
    const { inbox } = await inboxIn(redis.url);
    const [told, untold] = [arrival("oA"), arrival("oB")];
    await inbox.receive(told);
    await inbox.receive(untold);
    await redis.kill();
    await expect(inbox.emitted(untold.key)).rejects.toMatchObject(LOST);
    await redis.start();
    await untilDone(() => inbox.stats()).toMatchObject({ pending: 2 });
    await inbox.close();
    const { inbox: next } = await inboxIn(redis.url);
    expect(await next.takeAbandoned()).toEqual([told]);
  });

  it("standing still, it holds up no send, refuses a push in time, and has it once afterwards", async () => {
    const redis = await redisServer();
    const simulator = await simulated();
    const { inbox, told } = await inboxIn(redis.url);
    await inbox.receive(arrival(DEFAULT_FOLLOWER));
    const client = clientOf(simulator, { inbox });
    // What the first send needs besides is there: a token and a connection.
    await client.messages.sendText(DEFAULT_FOLLOWER, "first");
    redis.pause();
    const push = arrival("oA");
    const began = performance.now();
    const refused = expect(inbox.receive(push)).rejects.toMatchObject(LOST);
    await client.messages.sendText(DEFAULT_FOLLOWER, "not held up");
    expect(performance.now() - began).toBeLessThan(1_500);
    await refused;
    expect(performance.now() - began).toBeLessThan(4_000);
    // The record of what was sent.
    await expect.poll(() => told, { timeout: 20_000 }).toMatchObject([LOST]);
    redis.resume();
    await untilDone(() => inbox.receive(push)).toBe("new");
    expect(await inbox.receive(push)).toBe("duplicate");
    expect((await inbox.read("oA")).messages).toHaveLength(1);
  });

  it("cursors stay good after a Redis that kept nothing", async () => {
    const redis = await redisServer();
    const { inbox } = await inboxIn(redis.url);
    for (let n = 0; n < 5; n++) await inbox.receive(arrival("oA"));
    const { cursor } = await inbox.incoming();
    await redis.kill();
    await redis.start();
    await untilDone(() => inbox.receive(arrival("oA", { text: "after" }))).toBe("new");
    expect((await inbox.incoming({ after: cursor })).messages.map(textOf)).toEqual(["after"]);
  });

  it("goes where the address leads when its Redis has become a replica", async () => {
    const [former, next] = [await redisServer(), await redisServer()];
    const proxy = await tcpProxy(former.url);
    const { inbox } = await inboxIn(proxy.url);
    await inbox.receive(arrival("oA"));
    proxy.leadTo(next.url);
    await former.command("REPLICAOF", "127.0.0.1", new URL(next.url).port);
    const push = arrival("oA");
    await expect(inbox.receive(push)).rejects.toMatchObject({ message: expect.stringContaining("READONLY") });
    await untilDone(() => inbox.receive(push)).toBe("new");
  });

  it("tells of a wrong password without repeating it, in no error and no inspection", async () => {
    const { url } = await redisServer({ password: "right" });
    const { inbox, store, told } = await inboxIn(url.replace("right", "sentinel-wrong"));
    const error = await inbox.receive(arrival("oA", { text: "sentinel-text" })).catch((failure) => failure);
    expect(error).toMatchObject({
      code: "WECHAT_STORE",
      message: expect.stringContaining("WRONGPASS"),
      remedy: { en: expect.stringContaining("password"), zh: expect.stringContaining("密码") },
    });
    expect(told).toHaveLength(1);
    expect(inspect([error, inbox, store, told], { depth: 20, showHidden: true })).not.toContain("sentinel");
  });

  it("uses no other database than the one in its URL", async () => {
    const redis = await redisServer();
    const { inbox } = await inboxIn(redis.url.replace(/0$/, "99"));
    await expect(inbox.receive(arrival("oA"))).rejects.toMatchObject({
      code: "WECHAT_STORE",
      remedy: { en: expect.stringContaining("database number") },
    });
    expect(await redis.command("DBSIZE")).toBe("0");
  });

  it("says so where something else stands under its keys", async () => {
    const redis = await redisServer();
    const { inbox } = await inboxIn(redis.url);
    await inbox.receive(arrival("oA"));
    const messages = await redis.command("KEYS", "*:messages");
    await redis.command("HSET", messages, await redis.command("HKEYS", messages), "something else");
    const foreign = { code: "WECHAT_STORE", remedy: { en: expect.stringContaining("prefix of its own") } };
    await expect(inbox.read("oA")).rejects.toMatchObject(foreign);
    await inbox.amendNote("n", () => "x", MINUTE);
    const note = await redis.command("KEYS", "*:note:*");
    for (const other of ["something else", "", "something"]) {
      await redis.command("SET", note, other);
      await expect(inbox.amendNote("n", () => "y", MINUTE)).rejects.toMatchObject(foreign);
      expect(await redis.command("GET", note)).toBe(other);
    }
  });
});

describe.runIf(hasRedis)("WECHAT_INBOX=redis://…", () => {
  it("keeps its keys in one slot of a cluster", async () => {
    // By itself it takes its port + 10000, which there is none of for one in six of the ports that the system gives.
    const settings = ["--cluster-enabled", "yes", "--cluster-port", `${await freePort()}`];
    const { url, command } = await redisServer({ settings });
    await command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await expect.poll(() => command("CLUSTER", "INFO"), { timeout: 20_000 }).toContain("cluster_state:ok");
    const inbox = await openInbox(url, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    const push = { ...arrival("oA"), nonce: "n", timestamp: 1 };
    expect(await inbox.receive(push)).toBe("new");
    expect(await inbox.receive(push)).toBe("duplicate");
    await inbox.recordSent("oA", delivered("hi"));
    expect((await inbox.conversations()).conversations).toHaveLength(1);
    expect((await inbox.read("oA")).messages).toHaveLength(2);
    expect(await inbox.markRead("oA")).toBe(0);
    expect(await inbox.takeAbandoned()).toEqual([]);
    expect(await inbox.amendNote("n", () => "x", MINUTE)).toBe("x");
    await inbox.forget("oA");
    await inbox.prune();
    expect(await inbox.stats()).toMatchObject({ conversations: 0, messages: 0, pending: 0 });
  });
});
