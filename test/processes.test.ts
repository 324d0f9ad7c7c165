import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { simulated, tokenCalls } from "./support/desk.js";
import { acknowledged, allSend, closeAll, push, startHosts, tokensUsed, witnessed } from "./support/hosts.js";

/** How often WeChat was told to replace a valid token. */
const forced = ({ ledger }: Simulator) =>
  ledger.calls.filter(({ body }) => typeof body === "object" && body && "force_refresh" in body && body.force_refresh);

describe("several processes of one account that share no token", () => {
  it.each([2, 4])("%i with stable tokens: one call each, one token, no failed send", async (count) => {
    const simulator = await simulated({ replyQuota: false });
    const hosts = await startHosts(count, simulator);
    const claims = await allSend(simulator, hosts, { name: "cold", count: 250 });
    expect(witnessed(simulator, claims)).toEqual([]);
    expect(tokenCalls(simulator)).toHaveLength(count);
    expect(tokensUsed(simulator).size).toBe(1);
    await closeAll(hosts);
  });

  it.each([2, 4])(
    "%i, and the token killed under them: one more call each, and nobody replaces what another has just fetched",
    async (count) => {
      const simulator = await simulated({ replyQuota: false });
      const hosts = await startHosts(count, simulator);
      const meanwhile = () => simulator.tokens.kill();
      const claims = await allSend(simulator, hosts, { name: "killed", count: 250, meanwhile });
      expect(witnessed(simulator, claims)).toEqual([]);
      expect(tokenCalls(simulator)).toHaveLength(2 * count);
      expect(tokensUsed(simulator).size).toBe(2);
      expect(forced(simulator)).toEqual([]);
      await closeAll(hosts);
    },
  );

  it("four, and the token killed while normal mode repeats it: forced once, whoever asks first", async () => {
    const simulator = await simulated({ replyQuota: false });
    const hosts = await startHosts(4, simulator);
    const meanwhile = () => simulator.tokens.kill({ repeat: true });
    const claims = await allSend(simulator, hosts, { name: "repeated", count: 250, meanwhile });
    expect(witnessed(simulator, claims)).toEqual([]);
    expect(forced(simulator).length).toBeGreaterThan(0);
    expect(tokenCalls(simulator).length).toBeLessThanOrEqual(12);
    expect(tokensUsed(simulator).size).toBe(2);
    await closeAll(hosts);
  });

  it("two with classic tokens: the former token lives on beside the new one, before and after a death", async () => {
    const simulator = await simulated({ replyQuota: false });
    const hosts = await startHosts(2, simulator, { tokenSource: "classic" });
    const meanwhile = () => simulator.tokens.kill({ kind: "classic" });
    const claims = await allSend(simulator, hosts, { name: "classic", count: 250, meanwhile });
    expect(witnessed(simulator, claims)).toEqual([]);
    expect(tokenCalls(simulator)).toHaveLength(4);
    await closeAll(hosts);
  });

  it("four with classic tokens end each other's: no storm, each failure true and with its remedy", async () => {
    const simulator = await simulated({ replyQuota: false });
    const hosts = await startHosts(4, simulator, { tokenSource: "classic" });
    const began = performance.now();
    const failed = witnessed(simulator, await allSend(simulator, hosts, { name: "thrash", count: 250 }));
    const elapsed = performance.now() - began;
    expect(failed.length).toBeGreaterThan(0);
    for (const { remedy } of failed) expect(remedy.en).toContain("let every program use stable_token");
    // The first one of each, and then one in 5 s: WeChat gives 2000 a day.
    expect(tokenCalls(simulator).length).toBeLessThanOrEqual(4 * (2 + Math.floor(elapsed / 5_000)));
    await closeAll(hosts);
  });
});

describe("four processes that share a SQLite inbox, and no token", () => {
  const file = () => {
    const folder = mkdtempSync(join(tmpdir(), "wechat-processes-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return `sqlite:${join(folder, "inbox.db")}`;
  };

  it("send and receive while the token is killed: no failed send, no push lost, none twice", async () => {
    const simulator = await simulated({ replyQuota: false });
    const hosts = await startHosts(4, simulator, { inbox: file() });
    const texts = Array.from({ length: 100 }, (_, n) => `push ${n}`);
    push(simulator, texts);
    const meanwhile = () => simulator.tokens.kill();
    const claims = await allSend(simulator, hosts, { name: "killed", count: 100, meanwhile });
    await simulator.pushed();
    expect(witnessed(simulator, claims)).toEqual([]);
    expect(tokenCalls(simulator)).toHaveLength(8);
    expect(acknowledged(simulator).toSorted()).toEqual(texts.toSorted());
    await closeAll(hosts);
    expect(hosts.flatMap(({ received }) => received).toSorted()).toEqual(texts.toSorted());
    expect(hosts.flatMap(({ told }) => told)).toEqual([]);
  });

  it("one killed with pushes in hand: the others hand on what it acknowledged, each once", async () => {
    const simulator = await simulated({ replyQuota: false });
    const hosts = await startHosts(4, simulator, { inbox: file(), lease: 3_000 });
    const [victim, ...others] = hosts;
    await victim!.hold();
    const texts = Array.from({ length: 40 }, (_, n) => `push ${n}`);
    push(simulator, texts);
    await simulator.pushed();
    expect(acknowledged(simulator).toSorted()).toEqual(texts.toSorted());
    const received = () => others.flatMap((host) => host.received).toSorted();
    await expect.poll(() => received().length).toBe(30);
    await victim!.kill();
    await expect.poll(received).toEqual(texts.toSorted());
    await closeAll(others);
    expect(received()).toEqual(texts.toSorted());
  });
});
