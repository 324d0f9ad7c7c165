import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Inbox } from "@wechat-offiaccount/core";
import { openSqliteStore } from "@wechat-offiaccount/core/sqlite";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";

const script = fileURLToPath(new URL("support/inbox-process.mjs", import.meta.url));

function inboxFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "wechat-inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "inbox.db");
}

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

it("a killed process loses nothing that it acknowledged, and others emit it once", async () => {
  const path = inboxFile();
  const { child, lines, said, ended } = receiver(path, "until-killed");
  await said(1000);
  child.kill("SIGKILL");
  await ended;
  const acknowledged = named(lines, "acknowledged");
  expect(acknowledged.length).toBeGreaterThan(300);

  const clock = { time: Date.now() };
  const open = async () =>
    new Inbox({ appId: DEFAULT_APP_ID, store: await openSqliteStore(path), clock: () => clock.time });
  const [one, other] = [await open(), await open()];
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

it("of processes that receive the same pushes at the same time, exactly one has each as new", async () => {
  const path = inboxFile();
  const receivers = [0, 1, 2].map(() => receiver(path, "same", "150"));
  for (const { said } of receivers) await said(1);
  for (const { child } of receivers) child.stdin.write("go\n");
  for (const { ended } of receivers) await ended;
  const taken = receivers.flatMap(({ lines }) => named(lines, "new"));
  expect(taken.toSorted()).toEqual(Array.from({ length: 150 }, (_, n) => `m:${n}`).toSorted());
});
