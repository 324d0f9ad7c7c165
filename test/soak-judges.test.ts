import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";

// `pnpm soak` takes minutes. Here is shown that it would notice.
const part = (name: string) => import(new URL(`../bench/soak/${name}.mjs`, import.meta.url).href);
const { memoryVerdict, leftOpen, badEnd } = await part("verdict");
const { Book } = await part("book");
const { Child } = await part("child");

describe("memory", () => {
  const still = { heapMB: 20, externalMB: 4, rssMB: 150 };
  const samples = (at: (n: number) => Partial<typeof still>) =>
    Array.from({ length: 60 }, (_, n) => ({ seconds: 10 * (n + 1), ...still, ...at(n) }));

  it("is flat when it grows only in the first third, or jumps about", () => {
    const jumps = samples((n) => ({
      heapMB: 20 + Math.min(n, 20) + (n % 2),
      externalMB: 4 + Math.min(n, 20) + (n % 3) / 2,
      rssMB: 150 + Math.min(n, 20) + 5 * (n % 4),
    }));
    expect(memoryVerdict(jumps)).toMatchObject({ growing: [] });
  });

  it("is not when it goes on growing, and by how much is told", () => {
    const { growing, growthMBPerMinute } = memoryVerdict(samples((n) => ({ heapMB: 20 + n / 12 })));
    expect(growing).toEqual([expect.stringMatching(/^heap: 1\.\d+ times, at most 1\.05$/)]);
    expect(growthMBPerMinute).toBeCloseTo(0.5);
  });

  it("is not when Buffers or native code grow while the heap is still", () => {
    // 300 bytes and 6 kB for each of 20 pushes a second.
    const buffers = memoryVerdict(samples((n) => ({ externalMB: 4 + n * 0.06 }))).growing;
    expect(buffers).toEqual([expect.stringMatching(/^memory outside the heap: 1\.2\d+ MB more, at most 1$/)]);
    const native = memoryVerdict(samples((n) => ({ rssMB: 150 + n * 1.2 }))).growing;
    expect(native).toEqual([expect.stringMatching(/^resident memory: 1\.1\d+ times, at most 1\.1$/)]);
  });

  it("is not flat where it was not read", () => {
    const unread = samples(() => ({})).map(({ externalMB: _, ...read }) => read);
    expect(memoryVerdict(unread).growing).toEqual([expect.stringContaining("memory outside the heap")]);
  });
});

it("what is open at the end and was not after the warm-up is named; less is no fault", () => {
  const warm = { handles: { Timeout: 2, TCPSocketWrap: 1 }, fds: 30 };
  expect(leftOpen(warm, { handles: { Timeout: 1 }, fds: 30 })).toEqual([]);
  expect(leftOpen(warm, { handles: { Timeout: 3, Immediate: 1 }, fds: 31 })).toEqual([
    "Timeout 2 → 3",
    "Immediate 0 → 1",
    "open files 30 → 31",
  ]);
});

describe("a process", () => {
  async function ended(script: string, ask: (child: { process: import("node:child_process").ChildProcess }) => void) {
    const folder = await mkdtemp(join(tmpdir(), "soak-test-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const child = new Child("program", ["--eval", `${script}; console.error("up")`], { env: {}, folder });
    await child.said(/up/);
    const { heap, external, rss } = await child.probe({ collect: true });
    expect(heap).toBeGreaterThan(1_000_000);
    expect(external).toBeGreaterThan(100_000);
    expect(rss).toBeGreaterThan(heap);
    return badEnd(await child.end(() => ask(child)));
  }

  it("that lets go of everything ends well, with the probe in it", async () => {
    expect(await ended("process.stdin.resume()", ({ process }) => process.stdin?.end())).toEqual([]);
  });

  it("that needs process.exit is told, with what it left open", async () => {
    const script = "setInterval(() => {}, 1000); process.on('SIGTERM', () => process.exit())";
    expect(await ended(script, ({ process }) => process.kill("SIGTERM"))).toEqual([
      "ended by process.exit, and not because nothing was left",
      "left open: Timeout",
    ]);
  });

  it("that a signal ends is told", async () => {
    expect(await ended("process.stdin.resume()", ({ process }) => process.kill("SIGTERM"))).toContain(
      "ended with SIGTERM",
    );
  });
});

describe("a push", () => {
  /** What was pushed and what arrived, by mark. */
  function bookWith(pushed: string[], arrived: string[], outcome = "accepted") {
    vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => void vi.restoreAllMocks());
    const simulator = {
      clock: { now: () => 0 },
      ledger: {
        messages: arrived.map((mark) => ({ text: `[${mark}] ok`, time: 5 })),
        pushes: pushed.map(() => ({ openid: "o", outcome, tries: [], body: "" })),
        clear() {
          simulator.ledger.messages = [];
          simulator.ledger.pushes = [];
        },
      },
    };
    const book = new Book(simulator, ["door"]);
    for (const mark of pushed) book.pushed("door", mark, () => {});
    return book;
  }
  const problemsOf = (book: { sweep(): void; close(): void; problems: string[] }) => {
    book.sweep();
    book.close();
    return book.problems;
  };

  it.each([
    ["delivered", 1, ["m"]],
    ["delivered", 2, ["m", "m"]],
    ["unknown", 1, []],
    ["unknown", 1, ["m"]],
    ["not-delivered", 1, []],
    ["seen", 0, []],
  ])("told as %s with %i parts, of which %j arrived, is told truly", (claim, parts, arrived) => {
    const book = bookWith(["m"], arrived);
    book.claim("m", claim, parts);
    expect(problemsOf(book)).toEqual([]);
  });

  it.each([
    ["delivered", 1, []],
    ["delivered", 1, ["m", "m"]],
    ["unknown", 1, ["m", "m"]],
    ["not-delivered", 1, ["m"]],
  ])("told as %s with %i parts, of which %j arrived, is not", (claim, parts, arrived) => {
    const book = bookWith(["m"], arrived);
    book.claim("m", claim, parts);
    expect(problemsOf(book)).toEqual([`door: [m] is told as ${claim}, ${arrived.length} of 1 arrived`]);
  });

  it("that nobody takes up is lost, and one that is taken up twice or was not there is told", () => {
    const book = bookWith(["m", "n"], []);
    book.claim("m", "seen");
    book.claim("m", "seen");
    book.claim("x", "seen");
    expect(problemsOf(book)).toEqual([
      "the agent took up m twice",
      "the agent took up x, which was not pushed or is settled",
      "door: [n] is lost",
    ]);
  });

  it("that got no answer is told", () => {
    const book = bookWith(["m"], [], "no-answer");
    book.claim("m", "seen");
    expect(problemsOf(book)).toEqual([expect.stringContaining("a push of o was no-answer")]);
  });
});
