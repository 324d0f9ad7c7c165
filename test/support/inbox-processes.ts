import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Inbox, openInbox } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";

const script = fileURLToPath(new URL("inbox-process.mjs", import.meta.url));

/** A process that receives, with the lines that it says. */
function receiver(...args: string[]) {
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
    const { child, lines, said, ended } = receiver(word, "until-killed");
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
    const receivers = [0, 1, 2].map(() => receiver(word, "same", "150"));
    for (const { said } of receivers) await said(1);
    for (const { child } of receivers) child.stdin.write("go\n");
    for (const { ended } of receivers) await ended;
    const taken = receivers.flatMap(({ lines }) => named(lines, "new"));
    expect(taken.toSorted()).toEqual(Array.from({ length: 150 }, (_, n) => `m:${n}`).toSorted());
  });
}
