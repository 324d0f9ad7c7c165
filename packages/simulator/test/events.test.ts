import { EventEmitter } from "node:events";
import { createClock, DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventStreams, MOST_STREAMS } from "../src/events.js";
import { SHOWN } from "../src/phone-news.js";
import { World } from "../src/world.js";
import { EventReader, eventsOf, type NewsEvent } from "./events.js";
import { desk, reply } from "./receiver.js";
import { HOUR, MORNING, ready, SECOND, start, text } from "./support.js";

const ID = DEFAULT_FOLLOWER;

describe("the events", () => {
  it("begin with all there is, and go on with what changes", async () => {
    const caller = await start();
    const token = await caller.token();
    await caller.send(token, text("一"));
    const reader = await EventReader.open(caller.sim.url);
    expect(reader.answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await reader.next()).toMatchObject({
      type: "full",
      news: {
        state: {
          clock: { now: MORNING, runs: false },
          accounts: [{ appId: DEFAULT_APP_ID, menu: null, followerCount: 1, followers: [{ openid: ID }] }],
        },
        calls: [
          { id: 1 },
          { id: 2, answer: '{"errcode":0,"errmsg":"ok"}', request: JSON.stringify(text("一"), null, 2) },
        ],
        messages: [{ text: "一" }],
      },
    });
    await caller.send(token, text("二"));
    const { type, news } = await reader.until(({ news: { messages } }) => messages.length > 0);
    expect(type).toBe("change");
    expect(news).toMatchObject({ calls: [{ id: 3, errcode: 0 }], messages: [{ text: "二" }], pushes: [], lines: [] });
    expect(news.state.accounts[0]?.followers[0]?.windows[0]).toMatchObject({ remaining: 3, quota: 5 });
    await reader.close();
  });

  it("tell of a push when it begins and what became of it", async () => {
    const { sim, receiver } = await desk();
    let answer: (words: string) => void = () => {};
    receiver.answer = () => new Promise((resolve) => (answer = resolve));
    const reader = await EventReader.open(sim.url);
    sim.act(ID, { type: "text", text: "在吗" });
    const begun = await reader.until(({ news: { pushes } }) => pushes[0]?.tries.length === 1);
    expect(begun.news.pushes[0]).not.toHaveProperty("outcome");
    expect(begun.news.lines).toMatchObject([{ text: "在吗", body: { MsgType: "text", Content: "在吗" } }]);
    await receiver.arrived(1);
    answer(reply(ID, "text", "<Content>在</Content>"));
    const ended = await reader.until(({ news: { pushes } }) => pushes[0]?.outcome !== undefined);
    expect(ended.news).toMatchObject({ pushes: [{ outcome: "replied" }] });
    await reader.close();
  });

  it("tell of faults, the clock, tokens, menus and followers, whoever changes them", async () => {
    const { sim } = await start();
    const reader = await EventReader.open(sim.url);
    await reader.next();
    const state = async (change: () => void) => {
      change();
      return (await reader.next())?.news.state;
    };
    expect(await state(() => sim.inject({ kind: "busy" }))).toMatchObject({ faults: [{ kind: "busy", left: 1 }] });
    expect(await state(() => sim.clearFaults())).toMatchObject({ faults: [] });
    expect(await state(() => sim.clock.advance(HOUR))).toMatchObject({ clock: { now: MORNING + HOUR, runs: false } });
    expect(await state(() => sim.tokens.forceRefresh())).toMatchObject({
      accounts: [{ tokens: { stable: { expiresIn: 7200 } } }],
    });
    expect(await state(() => sim.setMenu({ button: [{ type: "click", name: "帮助", key: "HELP" }] }))).toMatchObject({
      accounts: [{ menu: [{ name: "帮助", type: "click", key: "HELP" }] }],
    });
    expect(await state(() => sim.addFollower({ openid: "oTwo", nickname: "小雨" }))).toMatchObject({
      accounts: [{ followerCount: 2, followers: [{ openid: ID }, { nickname: "小雨" }] }],
    });
    expect(await state(() => sim.interact(ID, "unfollow"))).toMatchObject({
      accounts: [{ followers: [{ openid: ID, subscribed: false, replyErrcode: 43004 }, {}] }],
    });
    await reader.close();
  });

  it("begin anew when the ledger is cleared", async () => {
    const caller = await start();
    await caller.send(await caller.token(), text("x"));
    const reader = await EventReader.open(caller.sim.url);
    await reader.next();
    caller.sim.ledger.clear();
    expect(await reader.next()).toMatchObject({ type: "full", news: { calls: [], messages: [], lines: [] } });
    await reader.close();
  });

  it("know whether the clock runs by itself", async () => {
    const { sim } = await start({ clock: createClock() });
    const runs = async () => (await eventsOf(sim.url, 1))[0]?.news.state.clock.runs;
    expect(await runs()).toBe(true);
    sim.clock.advance(HOUR);
    expect(await runs()).toBe(true);
  });

  it("are for the simulator's own page only, and for so many of them", async () => {
    const { sim } = await start();
    const foreign = await fetch(`${sim.url}/simulator/events`, { headers: { Origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    const readers = await Promise.all(Array.from({ length: MOST_STREAMS }, () => EventReader.open(sim.url)));
    const more = await fetch(`${sim.url}/simulator/events`);
    expect([more.status, await more.json()]).toEqual([503, { error: "32 pages listen already; close one" }]);
    await readers[0]?.close();
    await expect.poll(async () => (await EventReader.open(sim.url)).answer.status).toBe(200);
  });

  it("end with the simulator", async () => {
    const { sim } = await start();
    const reader = await EventReader.open(sim.url);
    await reader.next();
    await sim.close();
    expect(await reader.next()).toBeUndefined();
  });

  it("show only faults that can still strike", async () => {
    const caller = await start();
    caller.sim.inject({ kind: "busy" });
    caller.sim.inject({ kind: "stall" });
    await caller.send(await caller.token(), text("x"));
    const [full] = await eventsOf(caller.sim.url, 1);
    expect(full?.news.state.faults).toMatchObject([{ kind: "stall", left: 1 }]);
  });

  it.each([
    ["tokens", { action: "expire" }, { tokens: { stable: null } }],
    ["agents", { kfAccount: "anna@simulator", online: false }, {}],
    ["media", { mediaId: "m", type: "image" }, {}],
  ])(
    "tell of what the control API does to %s",
    async (path, input, seen) => {
      const { sim } = await ready({ kfAccounts: ["anna@simulator"] });
      const reader = await EventReader.open(sim.url);
      await reader.next();
      const init = { method: "POST", body: JSON.stringify(input) };
      expect((await fetch(`${sim.url}/simulator/${path}`, init)).status).toBe(200);
      expect(await reader.next()).toMatchObject({ type: "change", news: { state: { accounts: [seen] } } });
      await reader.close();
      // Sooner than the sign of life, which would tell of it too.
    },
    10_000,
  );
});

describe("of many followers", () => {
  const openids = (event: NewsEvent | undefined) =>
    event?.news.state.accounts[0]?.followers.map(({ openid }) => openid);

  it("the first, the newest and the chosen one are shown, and how many there are", async () => {
    const { sim } = await start();
    for (let i = 0; i < 300; i++) sim.addFollower({ openid: `o${i}` });
    const [full] = await eventsOf(sim.url, 1);
    expect(full?.news.state.accounts[0]?.followerCount).toBe(301);
    expect(openids(full)).toEqual([ID, ...Array.from({ length: 199 }, (_, i) => `o${i + 101}`)]);
    const reader = await EventReader.open(sim.url, "?openid=o7");
    const begun = openids(await reader.next());
    expect([begun?.length, ...(begun?.slice(0, 3) ?? [])]).toEqual([200, ID, "o7", "o102"]);
    sim.addFollower({ openid: "oLater" });
    const later = openids(await reader.next());
    expect([later?.length, ...(later?.slice(0, 3) ?? []), later?.at(-1)]).toEqual([200, ID, "o7", "o103", "oLater"]);
    await reader.close();
  });

  it("one that is not there is not shown", async () => {
    const { sim } = await start();
    for (let i = 0; i < 300; i++) sim.addFollower({ openid: `o${i}` });
    const reader = await EventReader.open(sim.url, "?openid=oNobody");
    const shown = openids(await reader.next());
    expect([shown?.length, shown?.includes("oNobody")]).toEqual([200, false]);
    await reader.close();
  });
});

describe("what is long", () => {
  it("is cut in a call: strings, lists, nesting, and the whole", async () => {
    const caller = await start();
    const token = await caller.token();
    const nested = (depth: number): unknown => (depth === 0 ? "deepest" : { in: nested(depth - 1) });
    const message = { ...text("x".repeat(3000)), list: Array(1000).fill("y"), deep: nested(8), shallow: nested(7) };
    await caller.send(token, message);
    await caller.send(token, { ...text("x"), list: Array(20).fill("z".repeat(2000)) });
    await caller.send(token, { ...text("x"), touser: "o".repeat(500_000) });
    const [full] = await eventsOf(caller.sim.url, 1);
    const [, first, second, third] = full?.news.calls ?? [];
    const shown = JSON.parse(first?.request ?? "");
    expect(shown.text.content).toBe(`${"x".repeat(2100)}…`);
    expect(shown.list).toHaveLength(20);
    expect(JSON.stringify(shown.deep)).not.toContain("deepest");
    expect(JSON.stringify(shown.shallow)).toContain("deepest");
    expect(second?.request).toHaveLength(4001);
    expect(third?.openid).toBe(`${"o".repeat(4000)}…`);
  });

  it("is cut in messages, lines, pushes and faults", async () => {
    const { sim, caller } = await desk();
    const words = "字".repeat(20_000);
    sim.act(ID, { type: "text", text: words });
    await sim.pushed();
    sim.inject({ kind: "busy", path: `/${"p".repeat(1999)}` });
    const nested = Array(20).fill(Array(20).fill("w".repeat(1000)));
    await caller.send(await caller.token(), text("x", { nested, ["k".repeat(500)]: 1 }));
    const [full] = await eventsOf(sim.url, 1);
    const { lines, pushes, messages, state } = full!.news;
    expect(lines[0]).toMatchObject({ text: `${words.slice(0, 4000)}…`, body: { Content: `${words.slice(0, 2100)}…` } });
    expect(pushes[0]?.body).toHaveLength(4001);
    expect(JSON.stringify(messages[0]).length).toBeLessThan(16_000);
    expect(Object.keys(messages[0]!.body)).toContain("k".repeat(100));
    expect(state.faults[0]?.path).toBe(`/${"p".repeat(1999)}`);
  });

  it("does not end the simulator, however much of it a follower sends", async () => {
    const { sim } = await start();
    const act = (words: string) =>
      fetch(`${sim.url}/simulator/act`, {
        method: "POST",
        body: JSON.stringify({ openid: ID, type: "text", text: words }),
      });
    const refused = await act("x".repeat(5 * 2 ** 20));
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: "action.text: give at most 20000 characters; there are 5242880" },
    ]);
    for (let i = 0; i < SHOWN.lines; i++) sim.act(ID, { type: "text", text: "\u0001".repeat(20_000) });
    const [full] = await eventsOf(sim.url, 1);
    expect(full?.news.lines).toHaveLength(SHOWN.lines);
    expect(JSON.stringify(full?.news).length).toBeLessThan(12 * 2 ** 20);
  });
});

describe("a page that does not read", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A connection that takes one write, and then no more until it is drained. */
  class Clogged extends EventEmitter {
    readonly written: string[] = [];
    destroyed = false;
    ended = false;
    writeHead() {}
    write(data: string): boolean {
      this.written.push(data);
      return false;
    }
    destroy() {
      this.destroyed = true;
      this.emit("close");
    }
    end() {
      this.ended = true;
    }
  }

  function streams() {
    const quota = { rule: "reset", counted: true } as const;
    const clock = createClock(MORNING);
    const world = new World({ clock, seed: 1, quota, limits: {}, ledgerSize: 10_000, notice: () => {} });
    world.addAccount({ appId: "wx1", secret: "s" });
    const hub = new EventStreams(world);
    const res = new Clogged();
    hub.open(res as never);
    return { world, hub, res };
  }

  const call = (world: World) => world.ledger.addCall(MORNING, "POST", "/x");

  it("is written nothing more, and afterwards told what it missed", () => {
    const { world, hub, res } = streams();
    const before = res.written.length;
    for (let i = 0; i < 5; i++) {
      call(world);
      vi.advanceTimersByTime(SECOND);
    }
    expect(res.written).toHaveLength(before);
    res.emit("drain");
    vi.advanceTimersByTime(SECOND);
    expect(res.written).toHaveLength(before + 1);
    expect(res.written.at(-1)).toMatch(/^event: change\ndata: .*"calls":\[\{"id":1,.*"id":5,/);
    hub.close();
  });

  it("is told everything anew when it missed more than is kept for it", () => {
    const { world, hub, res } = streams();
    for (let i = 0; i <= SHOWN.calls; i++) call(world);
    res.emit("drain");
    vi.advanceTimersByTime(2 * SECOND);
    expect(res.written.at(-1)).toMatch(/^event: full\n/);
    expect(JSON.parse(res.written.at(-1)?.split("data: ")[1] ?? "").calls).toHaveLength(SHOWN.calls);
    hub.close();
  });

  it("reads all anew only once a second while more happens than it is shown", () => {
    const { world, hub, res } = streams();
    const flood = () => {
      for (let i = 0; i <= SHOWN.calls; i++) call(world);
    };
    const written = (ms: number) => {
      const before = res.written.length;
      vi.advanceTimersByTime(ms);
      const count = res.written.length - before;
      res.emit("drain");
      return count;
    };
    res.emit("drain");
    flood();
    expect(written(50)).toBe(1);
    flood();
    expect(written(949)).toBe(0);
    expect(written(51)).toBe(1);
    call(world);
    expect(written(1000)).toBe(1);
    call(world);
    expect(written(50)).toBe(1);
    hub.close();
  });

  it("is not given up while it reads now and then", () => {
    const { hub, res } = streams();
    for (let i = 0; i < 3; i++) {
      vi.advanceTimersByTime(40 * SECOND);
      expect(res.destroyed).toBe(false);
      res.emit("drain");
    }
    vi.advanceTimersByTime(61 * SECOND);
    expect(res.destroyed).toBe(true);
    hub.close();
  });

  it("is ended with the simulator, and nothing ticks", () => {
    const { world, hub, res } = streams();
    hub.close();
    expect([res.ended, hub.size, world.changes.listened, vi.getTimerCount()]).toEqual([true, 0, false, 0]);
  });

  it("is given up in the end, and then nothing is kept or ticks", () => {
    const { world, hub, res } = streams();
    vi.advanceTimersByTime(3600 * SECOND);
    expect(res.destroyed).toBe(true);
    expect(hub.size).toBe(0);
    expect(world.changes.listened).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that reads gets a sign of life every 15 s", () => {
    const { hub, res } = streams();
    res.emit("drain");
    const before = res.written.length;
    vi.advanceTimersByTime(16 * SECOND);
    expect(res.written).toHaveLength(before + 1);
    hub.close();
  });
});
