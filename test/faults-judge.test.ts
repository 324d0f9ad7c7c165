import { describe, expect, it } from "vitest";

// `pnpm faults` finds a false claim only if its judge knows one: each kind of lie, made by hand, and the truths beside it.
const part = (name: string) => import(new URL(`./faults/${name}.mjs`, import.meta.url).href);
const { judge } = await part("judge");
const { effectOf } = await part("strikes");
const { FOLLOWER_IDS, sendOf } = await part("plan");
const { simulatorFaults, wireFaults } = await part("mix");

type State = "delivered" | "not-delivered" | "unknown";
interface Case {
  readonly mode?: "default" | "strict" | "at-least-once";
  /** A text of one part is number 1, one of two parts number 9. */
  readonly id?: 1 | 9;
  readonly delivery?: string;
  readonly states?: readonly string[];
  readonly code?: string;
  readonly errcode?: number;
  readonly took?: number;
  readonly ownLimit?: boolean;
  /** Of each part: requests that were written. Default 1. */
  readonly written?: readonly number[];
  /** What the witness saw, of each part. */
  readonly seen?: readonly (readonly string[])[];
  /** On the wire and at the simulator, of each part. */
  readonly struck?: readonly (readonly string[])[];
  readonly tokenTrouble?: readonly number[];
  /** Parts in the order in which they arrived. */
  readonly arrived?: readonly number[];
}

const PART_BYTES = 32;
const BEGAN = 100_000;
const message = (id: number, index: number) => {
  const { openid, parts } = sendOf(id, PART_BYTES);
  return { openid, text: parts[index] };
};

function claimOf({ id = 1, states = [], delivery = states[0], code, errcode, ...more }: Case) {
  const count = sendOf(id, PART_BYTES).parts.length;
  const notes = Array.from({ length: count }, (_, n) => ({
    written: more.written?.[n] ?? 1,
    struck: more.seen?.[n] ?? [],
  }));
  return {
    ...{ delivery, parts: states, code, errcode, ownLimit: more.ownLimit ?? false },
    ...{ began: BEGAN, took: more.took ?? 5, notes },
  };
}

const ONE = { partBytes: PART_BYTES, count: 1, timeout: 600, mode: "default", inOrder: false, killed: false };
const NOTHING = { claims: new Map(), messages: [], struck: new Map(), tokenTrouble: [] };
interface Verdict {
  readonly verdicts: readonly { readonly wrong: readonly string[]; readonly strikes: readonly string[] }[];
  readonly faults: readonly string[];
}
const wrongIn = ({ verdicts, faults }: Verdict) => [...verdicts.flatMap(({ wrong }) => wrong), ...faults];

function judged(told: Case): readonly string[] {
  const { id = 1, mode = "default", arrived = [], tokenTrouble = [] } = told;
  const struck = new Map((told.struck ?? []).map((kinds, n) => [id * 10 + n, kinds]));
  const messages = arrived.map((index) => message(id, index));
  return wrongIn(
    judge({ ...ONE, first: id, mode, claims: new Map([[id, claimOf(told)]]), messages, struck, tokenTrouble }),
  );
}

const delivered: readonly State[] = ["delivered"];
const notDelivered: readonly State[] = ["not-delivered"];
const unknown: readonly State[] = ["unknown"];

describe("a truth passes:", () => {
  it.each<[string, Case]>([
    ["delivered, struck by nothing", { states: delivered, arrived: [0] }],
    ["delivered in spite of a strike", { states: delivered, arrived: [0], struck: [["busy"]] }],
    ["unknown, the answer was lost", { states: unknown, arrived: [0], struck: [["reset after"]] }],
    ["unknown, the request was lost", { states: unknown, struck: [["reset-before"]] }],
    ["unknown, undici saw the connection break", { states: unknown, seen: [["connection broken"]] }],
    ["unknown, it took as long as an attempt may", { states: unknown, took: 600 }],
    ["unknown, its caller gave it milliseconds", { states: unknown, ownLimit: true }],
    ["not delivered, refused", { states: notDelivered, errcode: 45047, struck: [["errcode"]] }],
    ["not delivered, its token was taken away", { states: notDelivered, errcode: 40001, struck: [["refused 40001"]] }],
    ["not delivered, no connection", { states: notDelivered, written: [0], seen: [["no connection"]] }],
    ["not delivered, no token was to be had", { states: notDelivered, written: [0], tokenTrouble: [BEGAN - 900] }],
    ["not delivered, its caller gave up before it left", { states: notDelivered, written: [0], ownLimit: true }],
    [
      "one part of two, and told so",
      {
        ...{ id: 9, delivery: "unknown", states: ["delivered", "not-delivered"] },
        ...{ arrived: [0], struck: [[], ["errcode"]], errcode: 45047 },
      },
    ],
    ["doubled, as -1 allows", { states: delivered, arrived: [0, 0], struck: [["busy-delivered, arrived"]] }],
    [
      "three times, as two hidden arrivals allow who asked for at-least-once",
      {
        ...{ mode: "at-least-once", states: delivered, arrived: [0, 0, 0] },
        ...{ struck: [["http-502, arrived"]], seen: [["connection broken"]] },
      },
    ],
    [
      "not there at last, where WeChat refuses it to who asked for at-least-once",
      { mode: "at-least-once", states: unknown, code: "WECHAT_QUOTA", errcode: 45009, struck: [["busy", "errcode"]] },
    ],
  ])("%s", (_, told) => expect(judged(told)).toEqual([]));

  it("a killed process claims nothing", () => {
    expect(wrongIn(judge({ ...ONE, ...NOTHING, first: 1, killed: true }))).toEqual([]);
  });
});

describe("a lie is seen:", () => {
  it.each<[string, Case, string]>([
    ["delivered, and is not there", { states: delivered }, "part 0 told as delivered, is not there"],
    [
      "not delivered, and is there",
      { states: notDelivered, arrived: [0], struck: [["reset after"]] },
      "part 0 told as not delivered, is there",
    ],
    ["unknown, struck by nothing", { states: unknown, arrived: [0] }, "told as unknown, and nothing left that open"],
    [
      "unknown, struck by what is harmless",
      { states: unknown, arrived: [0], struck: [["trickled answer"]] },
      "told as unknown, and nothing left that open",
    ],
    [
      "unknown, and WeChat refused it",
      { states: unknown, errcode: 45047, struck: [["errcode", "refused 40001"]] },
      "told as unknown, and nothing left that open",
    ],
    [
      "unknown, and there was no connection",
      { states: unknown, written: [0], seen: [["no connection"]] },
      "told as unknown, and nothing of it left",
    ],
    [
      "unknown, and it waited for a token until its time was over",
      { states: unknown, written: [0], took: 700, tokenTrouble: [BEGAN] },
      "told as unknown, and nothing of it left",
    ],
    ["not delivered, struck by nothing", { states: notDelivered }, "part 0 not delivered, and nothing struck it"],
    [
      "not delivered, and the trouble with tokens was over long before",
      { states: notDelivered, written: [0], tokenTrouble: [BEGAN - 10_000] },
      "part 0 not delivered, and nothing struck it",
    ],
    ["no state", { states: ["lost"] }, "in no state: lost"],
    ["no claim at all", { delivery: "none: boom", states: [] }, "in no state: none: boom"],
    ["fewer parts than there are", { id: 9, states: delivered, arrived: [0, 1] }, "1 parts claimed, of 2"],
    [
      "a part goes out after one that did not arrive",
      { id: 9, delivery: "unknown", states: ["unknown", "delivered"], arrived: [1], struck: [["reset before"]] },
      "a part was sent after part 0, which did not arrive",
    ],
    [
      "the whole is not what its parts are",
      { id: 9, delivery: "delivered", states: ["delivered", "unknown"], arrived: [0, 1], struck: [[], ["stall"]] },
      "told as delivered, its parts as delivered,unknown",
    ],
    [
      "its parts in the wrong order",
      { id: 9, states: ["delivered", "delivered"], arrived: [1, 0] },
      "send 9: part 0 after part 1",
    ],
    ["doubled, and nothing allowed it", { states: delivered, arrived: [0, 0], struck: [["busy"]] }, "doubled"],
    [
      "five times for one -1",
      { states: delivered, arrived: [0, 0, 0, 0, 0], struck: [["busy-delivered, arrived"]] },
      "doubled",
    ],
    [
      "doubled, by who asked for at most once",
      { mode: "strict", states: delivered, arrived: [0, 0], struck: [["busy-delivered, arrived"]] },
      "doubled",
    ],
    [
      "repeated unasked after a timeout",
      { states: delivered, arrived: [0, 0], struck: [["reset-after, arrived"]] },
      "doubled",
    ],
    [
      "doubled at at-least-once, struck by nothing",
      { mode: "at-least-once", states: delivered, arrived: [0, 0] },
      "doubled",
    ],
    [
      "doubled at at-least-once, struck before it could arrive",
      { mode: "at-least-once", states: delivered, arrived: [0, 0], struck: [["reset before", "http-502"]] },
      "doubled",
    ],
    ...["WECHAT_RESET", "WECHAT_CLOSED", "WECHAT_ABORTED", "WECHAT_VALIDATION", "WECHAT_STORE"].map(
      (code): [string, Case, string] => [
        `an owed message lost with ${code}`,
        { mode: "at-least-once", states: unknown, code, struck: [["reset before"]] },
        "lost",
      ],
    ),
    [
      "an owed message lost because WeChat was busy",
      { mode: "at-least-once", states: unknown, code: "WECHAT_BUSY", errcode: -1, struck: [["busy"]] },
      "lost",
    ],
  ])("%s", (_, told, words) => {
    expect(judged(told)).toEqual(expect.arrayContaining([expect.stringContaining(words)]));
  });

  it("a process that lives claims nothing", () => {
    expect(wrongIn(judge({ ...ONE, ...NOTHING, first: 1 }))).toEqual([expect.stringContaining("no claim")]);
  });

  it("what nobody sent arrives: from elsewhere, to somebody else, or not as it was sent", () => {
    const strange = [message(7, 0), { ...message(1, 0), openid: FOLLOWER_IDS[5] }, { ...message(1, 0), text: "hello" }];
    const { faults } = judge({ ...ONE, ...NOTHING, first: 1, killed: true, messages: strange });
    expect(faults.filter((words: string) => words.startsWith("a message that nobody sent"))).toHaveLength(3);
  });

  it("another message stands between the parts of a text", () => {
    const other = { ...message(1, 0), openid: sendOf(9, PART_BYTES).openid };
    const claims = new Map([
      [9, claimOf({ id: 9, states: ["delivered", "delivered"] })],
      [1, claimOf({ states: delivered })],
    ]);
    const messages = [message(9, 0), other, message(9, 1)];
    const { faults } = judge({ ...ONE, ...NOTHING, first: 1, count: 9, claims, messages });
    expect(faults).toContain("send 1: between the parts of 9");
  });

  it("a later send to a follower overtakes an earlier one, where the door keeps their order", () => {
    const later = 1 + FOLLOWER_IDS.length;
    const claims = new Map([1, later].map((id) => [id, claimOf({ id: 1, states: delivered })]));
    const messages = [message(later, 0), message(1, 0)];
    const told = { ...ONE, ...NOTHING, first: 1, count: later, claims, messages };
    expect(judge({ ...told, inOrder: true }).faults).toContain(`send 1: overtaken by ${later}`);
    expect(judge(told).faults).toEqual([]);
  });
});

it("the judge knows the effect of every fault of the mix", () => {
  const kinds = [
    ...simulatorFaults(1).map(({ kind }: { kind: string }) => kind),
    ...wireFaults(1).map(([kind]: [string]) => kind),
  ];
  expect(kinds.length).toBeGreaterThan(20);
  for (const kind of kinds) expect(["lost", "hidden", "refused", "harmless"]).toContain(effectOf(kind));
  expect(() => effectOf("hail")).toThrow('does not know "hail"');
});

it("only what hides an arrival is marked so: the same fault before and after it", () => {
  expect([effectOf("http-502"), effectOf("http-502, arrived"), effectOf("slow, arrived")]).toEqual([
    "lost",
    "hidden",
    "harmless",
  ]);
});
