import { EventEmitter } from "node:events";
import { createClock, DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventStreams, MOST_STREAMS } from "../src/events.js";
import { SHOWN } from "../src/phone-news.js";
import { World } from "../src/world.js";
import { EventReader, eventsOf } from "./events.js";
import { desk, reply } from "./receiver.js";
import { HOUR, MORNING, SECOND, start, text } from "./support.js";

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
    expect(await reader.next().catch(() => undefined)).toBeUndefined();
  });

  it("hold no long body whole", async () => {
    const caller = await start();
    const long = { ...text("x".repeat(100_000)), extra: Array(1000).fill("y"), deep: [[[[[[[[[["z"]]]]]]]]]] };
    await caller.send(await caller.token(), long);
    const [full] = await eventsOf(caller.sim.url, 1);
    expect(full?.news.calls.at(-1)?.request?.length).toBeLessThan(4100);
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
    writeHead() {}
    write(data: string): boolean {
      this.written.push(data);
      return false;
    }
    destroy() {
      this.destroyed = true;
      this.emit("close");
    }
    end() {}
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
