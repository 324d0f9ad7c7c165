import { type Call, createClock, createSimulator, type FaultOptions } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type Caller, MORNING, start, text } from "./support.js";

const SEND = "/cgi-bin/message/custom/send";

interface Seen {
  status?: number;
  body?: string;
  errcode?: number;
  /** The network error's code, when no answer came. */
  failed?: string;
}

/** One send, and all that a client can see of it. */
async function attempt(caller: Caller, token: string, content = "x", signal?: AbortSignal): Promise<Seen> {
  try {
    const answer = await fetch(`${caller.sim.url}${SEND}?access_token=${token}`, {
      method: "POST",
      body: JSON.stringify(text(content)),
      ...(signal === undefined ? {} : { signal }),
    });
    const body = await answer.text();
    try {
      return { status: answer.status, body, errcode: (JSON.parse(body) as { errcode: number }).errcode };
    } catch {
      return { status: answer.status, body };
    }
  } catch (error) {
    const cause = (error as Error).cause as { code?: string } | undefined;
    return { failed: cause?.code ?? (error as Error).name };
  }
}

async function ready(): Promise<{ caller: Caller; token: string }> {
  const caller = await start({ replyQuota: false });
  return { caller, token: await caller.token() };
}

describe("a fault", () => {
  const table: [FaultOptions, Seen, { delivered: boolean; call: Partial<Call> }][] = [
    [{ kind: "busy" }, { status: 200, errcode: -1 }, { delivered: false, call: { errcode: -1, httpStatus: 200 } }],
    [{ kind: "busy-delivered" }, { status: 200, errcode: -1 }, { delivered: true, call: { errcode: -1 } }],
    [{ kind: "token-expired" }, { status: 200, errcode: 42001 }, { delivered: false, call: { errcode: 42001 } }],
    [{ kind: "token-superseded" }, { status: 200, errcode: 40001 }, { delivered: false, call: { errcode: 40001 } }],
    [
      { kind: "errcode", errcode: 45009 },
      { status: 200, errcode: 45009 },
      { delivered: false, call: { errcode: 45009 } },
    ],
    [{ kind: "reset-before" }, { failed: "ECONNRESET" }, { delivered: false, call: {} }],
    [{ kind: "reset-after" }, { failed: "ECONNRESET" }, { delivered: true, call: {} }],
    [{ kind: "http-502" }, { status: 502 }, { delivered: false, call: { httpStatus: 502 } }],
    [{ kind: "http-502", delivered: true }, { status: 502 }, { delivered: true, call: { httpStatus: 502 } }],
    [{ kind: "html-200" }, { status: 200 }, { delivered: false, call: { httpStatus: 200 } }],
    [{ kind: "html-200", delivered: true }, { status: 200 }, { delivered: true, call: { httpStatus: 200 } }],
    [{ kind: "truncated-json" }, { status: 200 }, { delivered: false, call: { httpStatus: 200 } }],
    [{ kind: "truncated-json", delivered: true }, { status: 200 }, { delivered: true, call: { httpStatus: 200 } }],
    [
      { kind: "slow", delayMs: 20 },
      { status: 200, errcode: 0 },
      { delivered: true, call: { errcode: 0 } },
    ],
  ];

  it.each(table)("%o strikes once, and the ledger has the truth", async (fault, seen, { delivered, call }) => {
    const { caller, token } = await ready();
    caller.sim.inject(fault);
    const first = await attempt(caller, token, "struck");
    expect(first).toMatchObject(seen);
    expect(first.errcode).toBe(seen.errcode);
    const record = caller.sim.ledger.calls.at(-1);
    expect(record).toMatchObject({ fault: fault.kind, ...call });
    expect(record?.errcode).toBe(call.errcode);
    expect(record?.httpStatus).toBe(first.status);
    expect(caller.sim.ledger.messages.map((message) => message.text)).toEqual(delivered ? ["struck"] : []);
    expect((await attempt(caller, token)).errcode).toBe(0);
    expect(caller.sim.ledger.calls.at(-1)?.fault).toBeUndefined();
  });

  it.each([false, true])("stall never answers, delivered %s", async (delivered) => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "stall", delivered });
    const abort = new AbortController();
    const sent = attempt(caller, token, "stalled", abort.signal);
    await expect.poll(() => caller.sim.ledger.calls.at(-1)?.fault).toBe("stall");
    // A later call is answered while the first one still waits.
    expect((await attempt(caller, token, "later")).errcode).toBe(0);
    abort.abort();
    expect(await sent).toEqual({ failed: "AbortError" });
    expect(caller.sim.ledger.messages.map((message) => message.text)).toEqual(
      delivered ? ["stalled", "later"] : ["later"],
    );
    expect(caller.sim.ledger.calls.find(({ fault }) => fault === "stall")?.httpStatus).toBeUndefined();
  });

  it("closing the simulator ends stalled and delayed calls", async () => {
    const sim = await createSimulator({ clock: createClock(MORNING) });
    const url = `${sim.url}${SEND}?access_token=${sim.tokens.forceRefresh()}`;
    sim.inject({ kind: "stall" });
    sim.inject({ kind: "slow", delayMs: 3_600_000 });
    const calls = [1, 2].map(() => fetch(url, { method: "POST", body: JSON.stringify(text("x")) }));
    const ended = Promise.allSettled(calls);
    await expect.poll(() => sim.ledger.calls.filter(({ fault }) => fault !== undefined).length).toBe(2);
    await sim.close();
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("a struck message that WeChat would have refused is not delivered", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "reset-after" });
    caller.sim.inject({ kind: "busy-delivered" });
    expect((await attempt(caller, token, "")).failed).toBe("ECONNRESET");
    expect((await attempt(caller, token, "")).errcode).toBe(-1);
    expect(caller.sim.ledger.messages).toEqual([]);
  });

  it("writes real texts, and that of errcode as given", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "busy" });
    caller.sim.inject({ kind: "errcode", errcode: 70000, errmsg: "blocked" });
    expect((await attempt(caller, token)).body).toMatch(
      /^\{"errcode":-1,"errmsg":"system error rid: [0-9a-f-]{26}"\}$/,
    );
    expect((await attempt(caller, token)).body).toMatch(/^\{"errcode":70000,"errmsg":"blocked rid: [0-9a-f-]{26}"\}$/);
  });

  it("truncated JSON is cut from the true answer", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "truncated-json", delivered: true });
    expect((await attempt(caller, token)).body).toBe('{"errcode":0,"');
  });
});

describe("faults are chosen", () => {
  it("in the order given, each as often as said", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "busy", times: 2 });
    caller.sim.inject({ kind: "token-expired" });
    const codes: unknown[] = [];
    for (let i = 0; i < 5; i++) codes.push((await attempt(caller, token)).errcode);
    expect(codes).toEqual([-1, -1, 42001, 0, 0]);
  });

  it("every n-th call, without end or a number of times", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "busy", every: 3, times: 2 });
    const codes: unknown[] = [];
    for (let i = 0; i < 10; i++) codes.push((await attempt(caller, token)).errcode);
    expect(codes).toEqual([0, 0, -1, 0, 0, -1, 0, 0, 0, 0]);
    caller.sim.inject({ kind: "busy", every: 2 });
    codes.length = 0;
    for (let i = 0; i < 6; i++) codes.push((await attempt(caller, token)).errcode);
    expect(codes).toEqual([0, -1, 0, -1, 0, -1]);
  });

  it("for all calls until they are cleared", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "busy", times: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 3; i++) expect((await attempt(caller, token)).errcode).toBe(-1);
    caller.sim.clearFaults();
    expect((await attempt(caller, token)).errcode).toBe(0);
  });

  it("at random, the same way for the same seed", async () => {
    const run = async (seed?: number) => {
      const caller = await start({ replyQuota: false, ...(seed === undefined ? {} : { seed }) });
      const token = await caller.token();
      caller.sim.inject({ kind: "busy", rate: 0.3 });
      caller.sim.inject({ kind: "busy-delivered", rate: 0.3 });
      for (let i = 0; i < 60; i++) await attempt(caller, token);
      return {
        seed: caller.sim.seed,
        faults: caller.sim.ledger.calls
          .slice(1)
          .map(({ fault }) => fault ?? "-")
          .join(" "),
      };
    };
    const first = await run();
    expect(await run(first.seed)).toEqual(first);
    expect((await run((first.seed ^ 1) >>> 0)).faults).not.toBe(first.faults);
    for (const kind of ["busy ", "busy-delivered ", "- "]) expect(first.faults).toContain(kind);
  });

  it("by endpoint, follower and account", async () => {
    const { caller, token } = await ready();
    caller.sim.addFollower({ openid: "oOther" });
    caller.sim.inject({ kind: "busy", path: "/cgi-bin/stable_token" });
    caller.sim.inject({ kind: "busy", openid: "oOther" });
    caller.sim.inject({ kind: "busy", appId: "wxOther" });
    expect((await attempt(caller, token)).errcode).toBe(0);
    expect((await caller.send(token, text("x", { touser: "oOther" }))).errcode).toBe(-1);
    expect((await caller.stable()).errcode).toBe(-1);
    caller.sim.inject({ kind: "busy", path: "*", times: 2 });
    expect((await caller.stable()).errcode).toBe(-1);
    expect((await attempt(caller, token)).errcode).toBe(-1);
  });

  it("the right number of times among many concurrent calls", async () => {
    const { caller, token } = await ready();
    caller.sim.inject({ kind: "reset-after", times: 7 });
    caller.sim.inject({ kind: "http-502", times: 5 });
    caller.sim.inject({ kind: "busy-delivered", times: 3 });
    const seen = await Promise.all(Array.from({ length: 60 }, (_, i) => attempt(caller, token, `m${i}`)));
    expect(seen.filter(({ failed }) => failed !== undefined)).toHaveLength(7);
    expect(seen.filter(({ status }) => status === 502)).toHaveLength(5);
    expect(seen.filter(({ errcode }) => errcode === -1)).toHaveLength(3);
    const arrived = new Set(caller.sim.ledger.messages.map((message) => message.text));
    expect(arrived.size).toBe(55);
    for (const [i, { status }] of seen.entries()) expect(arrived.has(`m${i}`)).toBe(status !== 502);
  });

  it.each([
    [{ kind: "buzy" }, /^fault\.kind: give one of busy, busy-delivered, /],
    [{ kind: "busy", time: 3 }, /^fault\.time: is not an option; known are kind, path, /],
    [{ kind: "busy", times: 0 }, /^fault\.times: give a whole number of at least 1/],
    [{ kind: "busy", rate: 2 }, /^fault\.rate: give a probability from 0 to 1/],
    [{ kind: "busy", path: "custom/send" }, /^fault\.path: give a path such as/],
    [{ kind: "busy", delivered: true }, /^fault\.delivered: is for stall, http-502/],
    [{ kind: "busy", errcode: 1 }, /^fault\.errcode: is for the kind "errcode"/],
    [{ kind: "errcode" }, /^fault\.errcode: give a number/],
    [{ kind: "errcode", errcode: 0 }, /^fault\.errcode: give a whole number other than 0/],
    [{ kind: "slow", delayMs: -1 }, /^fault\.delayMs: give milliseconds/],
  ])("and a bad one is refused: %o", async (fault, message) => {
    const { caller } = await ready();
    expect(() => caller.sim.inject(fault as FaultOptions)).toThrow(message);
  });
});
