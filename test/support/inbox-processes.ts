import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Inbox, openInbox } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";

const script = fileURLToPath(new URL("inbox-process.mjs", import.meta.url));

/** A process that uses the inbox, with the lines that it says. */
function worker(...args: string[]) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const said = (count: number) =>
    new Promise<void>((resolve) => {
      const check = () => lines.length >= count && resolve();
      reader.on("line", check);
      check();
    });
  const ended = Promise.all([once(child, "exit"), once(reader, "close")]);
  return { child, lines, said, ended };
}

/** Lets them begin when all are ready, until all have ended. */
async function together(workers: readonly ReturnType<typeof worker>[]): Promise<void> {
  for (const { said } of workers) await said(1);
  for (const { child } of workers) child.stdin.write("go\n");
  for (const { ended } of workers) expect((await ended)[0]).toEqual([0, null]);
}

/** What the lines of one kind name. */
const named = (lines: readonly string[], kind: string) =>
  lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));

async function takeAll(inbox: Inbox): Promise<string[]> {
  const taken: string[] = [];
  for (let page = await inbox.takeAbandoned(); page.length > 0; page = await inbox.takeAbandoned()) {
    taken.push(...page.map(({ key }) => key));
  }
  return taken;
}

/**
 * What an inbox outside its process must do when processes are killed, and when several run at once.
 * @param open gives the word of an empty inbox
 */
export function testProcesses(name: string, open: () => Promise<string>): void {
  it(`${name}: a killed process loses nothing that it acknowledged, and others emit it once`, async () => {
    const word = await open();
    const { child, lines, said, ended } = worker(word, "until-killed");
    await said(1000);
    child.kill("SIGKILL");
    await ended;
    const acknowledged = named(lines, "acknowledged");
    expect(acknowledged.length).toBeGreaterThan(300);

    const clock = { time: Date.now() };
    const inbox = () => openInbox(word, { appId: DEFAULT_APP_ID, clock: () => clock.time });
    const [one, other] = [await inbox(), await inbox()];
    onTestFinished(async () => {
      await one.close();
      await other.close();
    });
    expect(await takeAll(one)).toEqual([]);
    clock.time += 31_000;
    const taken = (await Promise.all([takeAll(one), takeAll(other)])).flat();
    expect(new Set(taken).size).toBe(taken.length);
    const handedOn = named(lines, "handed-on");
    expect(acknowledged.filter((key) => !handedOn.includes(key) && !taken.includes(key))).toEqual([]);
    expect(named(lines, "emitted").filter((key) => taken.includes(key))).toEqual([]);

    const { messages } = await one.read(DEFAULT_FOLLOWER, { limit: 500, after: "0" });
    expect(messages).toHaveLength(Math.min(500, acknowledged.length));
  });

  it(`${name}: of processes that receive the same pushes at the same time, exactly one has each as new`, async () => {
    const word = await open();
    const receivers = [0, 1, 2].map(() => worker(word, "same", "150"));
    await together(receivers);
    const taken = receivers.flatMap(({ lines }) => named(lines, "new"));
    expect(taken.toSorted()).toEqual(Array.from({ length: 150 }, (_, n) => `m:${n}`).toSorted());
  });

  it(`${name}: of what four processes add to one note at the same time nothing is lost`, async () => {
    const word = await open();
    const workers = [0, 1, 2, 3].map(() => worker(word, "note", "200"));
    await together(workers);
    const inbox = await openInbox(word, { appId: DEFAULT_APP_ID });
    onTestFinished(() => inbox.close());
    const lines = (await inbox.amendNote("lines", () => undefined, 1))?.trim().split("\n") ?? [];
    // All of each process, in its own order.
    for (const { child } of workers) {
      const own = lines.filter((line) => line.startsWith(`${child.pid}:`));
      expect(own).toEqual(Array.from({ length: 200 }, (_, n) => `${child.pid}:${n}`));
    }
    expect(lines).toHaveLength(800);
  });
}
