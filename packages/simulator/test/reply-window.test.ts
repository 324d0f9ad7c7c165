import { DEFAULT_FOLLOWER, type Scene, SimulatorOptionError } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type Caller, HOUR, MINUTE, start, text } from "./support.js";

/** Sends until WeChat refuses: how many went through, and the code of the refusal. */
async function sendAll(caller: Caller): Promise<[number, number | undefined]> {
  const token = await caller.token();
  for (let sent = 0; ; sent++) {
    const { errcode } = await caller.send(token, text(`${sent}`));
    if (errcode !== 0) return [sent, errcode];
    if (sent > 20) throw new Error("no end of the quota");
  }
}

async function quiet(options = {}): Promise<Caller> {
  const caller = await start(options);
  caller.sim.addFollower({ openid: DEFAULT_FOLLOWER, window: "closed" });
  return caller;
}

describe("reply window", () => {
  const scenes: [Scene, number, number][] = [
    ["message", 5, 48 * HOUR],
    ["menu-click", 3, MINUTE],
    ["follow", 3, MINUTE],
    ["scan", 3, MINUTE],
  ];

  it.each(scenes)("%s allows %i messages", async (scene, quota) => {
    const caller = await quiet();
    caller.sim.interact(DEFAULT_FOLLOWER, scene);
    expect(await sendAll(caller)).toEqual([quota, 45047]);
    expect(caller.sim.ledger.messages).toHaveLength(quota);
  });

  it.each(scenes)("%s: its time ends with 45015, used up or not", async (scene, quota, ms) => {
    const caller = await quiet();
    caller.sim.interact(DEFAULT_FOLLOWER, scene);
    caller.sim.clock.advance(ms - 1);
    expect(await sendAll(caller)).toEqual([quota, 45047]);
    caller.sim.clock.advance(1);
    expect(await sendAll(caller)).toEqual([0, 45015]);
  });

  it("is open for the default follower, closed for one who never did anything", async () => {
    const caller = await start();
    expect(await sendAll(caller)).toEqual([5, 45047]);
    expect(await sendAll(await quiet())).toEqual([0, 45015]);
  });

  it("a further message sets the quota anew, and does not add to it", async () => {
    const caller = await start();
    caller.sim.interact(DEFAULT_FOLLOWER, "message");
    expect(await sendAll(caller)).toEqual([5, 45047]);
    caller.sim.interact(DEFAULT_FOLLOWER, "message");
    expect(await sendAll(caller)).toEqual([5, 45047]);
    const state = await (await fetch(`${caller.sim.url}/simulator/state`)).json();
    expect(state).toMatchObject({ accounts: [{ followers: [{ windows: [{ scene: "message", remaining: 0 }] }] }] });
  });

  it("quotas of different scenes do not add up", async () => {
    const caller = await start();
    caller.sim.interact(DEFAULT_FOLLOWER, "menu-click");
    expect(await sendAll(caller)).toEqual([5, 45047]);
    caller.sim.interact(DEFAULT_FOLLOWER, "menu-click");
    expect(await sendAll(caller)).toEqual([3, 45047]);
    caller.sim.clock.advance(MINUTE);
    expect(await sendAll(caller)).toEqual([0, 45047]);
  });

  it('with the rule "add" they do, and the one that ends soonest is used first', async () => {
    const caller = await start({ quotaRule: "add" });
    caller.sim.interact(DEFAULT_FOLLOWER, "message");
    caller.sim.interact(DEFAULT_FOLLOWER, "scan");
    const token = await caller.token();
    for (let i = 0; i < 3; i++) await caller.send(token, text(`${i}`));
    caller.sim.clock.advance(MINUTE);
    expect(await sendAll(caller)).toEqual([10, 45047]);
  });

  it("without reply quota only the time counts", async () => {
    const caller = await start({ replyQuota: false });
    const token = await caller.token();
    for (let i = 0; i < 30; i++) expect((await caller.send(token, text(`${i}`))).errcode).toBe(0);
    caller.sim.clock.advance(48 * HOUR);
    expect((await caller.send(await caller.token(), text("late"))).errcode).toBe(45015);
  });

  it("a refused message costs nothing", async () => {
    const caller = await start();
    await caller.send(await caller.token(), text(""));
    expect(await sendAll(caller)).toEqual([5, 45047]);
  });

  it("unfollowing closes it; following and scanning open it, writing does not bring one back", async () => {
    const caller = await start();
    caller.sim.interact(DEFAULT_FOLLOWER, "unfollow");
    expect(await sendAll(caller)).toEqual([0, 43004]);
    expect(() => caller.sim.interact(DEFAULT_FOLLOWER, "message")).toThrow(/does not follow the account; use "follow"/);
    caller.sim.interact(DEFAULT_FOLLOWER, "scan");
    expect(await sendAll(caller)).toEqual([3, 45047]);
    caller.sim.interact(DEFAULT_FOLLOWER, "unfollow");
    caller.sim.interact(DEFAULT_FOLLOWER, "follow");
    expect(await sendAll(caller)).toEqual([3, 45047]);
  });

  it("an unknown openid or scene is named", async () => {
    const { sim } = await start();
    expect(() => sim.interact("oNobody", "message")).toThrow(SimulatorOptionError);
    expect(() => sim.interact("oNobody", "message")).toThrow(/^openid: no account has the follower "oNobody"/);
    expect(() => sim.interact(DEFAULT_FOLLOWER, "wave" as Scene)).toThrow(/^scene: give one of message, menu-click/);
    expect(() => sim.interact(DEFAULT_FOLLOWER, "message", "wx9")).toThrow(/^appId: there is no account wx9/);
  });
});
