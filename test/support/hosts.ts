import { fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { expect, onTestFinished } from "vitest";
import { roundRobin } from "./round-robin.js";

const SCRIPT = fileURLToPath(new URL("host-process.mjs", import.meta.url));
const CALLBACK = { token: "ca11backT0ken", encodingAESKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ" };

export interface HostSettings {
  /** Default `stable`. */
  readonly tokenSource?: "stable" | "classic";
  /** URL of the Redis in which the hosts share their token. Default: they share none. */
  readonly tokens?: string;
  /** As `WECHAT_INBOX`; the hosts then receive what WeChat pushes. Default: none. */
  readonly inbox?: string;
  /** Milliseconds without a sign of life after which a host counts as dead. Default the inbox's. */
  readonly lease?: number;
  /** Milliseconds for one call of WeChat. Default the client's. */
  readonly timeout?: number;
}

/** What a host claims of its sends. */
export interface Claims {
  /** The texts that arrived. */
  readonly delivered: readonly string[];
  readonly failed: readonly { readonly delivery: string; readonly remedy: { readonly en: string } }[];
}

/** A process that sends for the account, and receives if there is an inbox. It is killed with the test. */
export interface Host {
  readonly port: number;
  /** The texts that its handler got. */
  readonly received: readonly string[];
  /** What went wrong beside sends: who told of it, and its code. */
  readonly told: readonly { readonly by: string; readonly code: string }[];
  /** Why pushes were refused. */
  readonly refused: readonly string[];
  /** Sends texts that no other host sends, 16 at a time. */
  send(name: string, count: number): Promise<Claims>;
  /** From now on its handlers do not come to an end. */
  hold(): Promise<unknown>;
  /** Whether the Redis of the tokens answers. */
  connected(): Promise<boolean>;
  /** Closes all that it opened, and waits until the process has ended by itself. @returns its exit code */
  close(): Promise<number | null>;
  kill(): Promise<void>;
}

/**
 * Hosts of one account, each in a process of its own. With an inbox WeChat pushes to them by a balancer: each push, and
 * each repetition of one, goes to the next.
 */
export async function startHosts(count: number, simulator: Simulator, settings: HostSettings = {}): Promise<Host[]> {
  const hosts = await Promise.all(Array.from({ length: count }, () => startHost(simulator.url, settings)));
  if (settings.inbox) {
    const { origin } = await roundRobin(hosts.map(({ port }) => port));
    const { token, encodingAESKey } = CALLBACK;
    await simulator.setCallback({ callback: origin, callbackToken: token, encodingAesKey: encodingAESKey });
  }
  return hosts;
}

/** What a host says. */
type Word =
  | { readonly ready: number }
  | { readonly received: string }
  | { readonly told: Host["told"][number] }
  | { readonly refused: string }
  | { readonly id: number; readonly result: unknown };

async function startHost(baseUrl: string, settings: HostSettings): Promise<Host> {
  const given = { baseUrl, redeliverEvery: 500, callback: CALLBACK, ...settings };
  const child = fork(SCRIPT, [JSON.stringify(given)]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit");
  const received: string[] = [];
  const told: Host["told"][number][] = [];
  const refused: string[] = [];
  const results = new EventEmitter();
  const heard = new Promise<number>((resolve) => {
    child.on("message", (message) => {
      const word = message as Word;
      if ("ready" in word) resolve(word.ready);
      else if ("received" in word) received.push(word.received);
      else if ("told" in word) told.push(word.told);
      else if ("refused" in word) refused.push(word.refused);
      else results.emit(`${word.id}`, word.result);
    });
  });
  const alive = <T>(waiting: Promise<T>): Promise<T> =>
    Promise.race([waiting, exited.then(([code]) => Promise.reject(new Error(`the host ended with ${code}`)))]);
  let asked = 0;
  const ask = async (task: string, more: object = {}) => {
    const id = ++asked;
    const answered = once(results, `${id}`);
    child.send({ id, task, ...more });
    return (await alive(answered))[0];
  };
  return {
    port: await alive(heard),
    received,
    told,
    refused,
    send: (name, count) => ask("send", { name, count, width: 16 }),
    hold: () => ask("hold"),
    connected: () => ask("connected"),
    async close() {
      await ask("close");
      return (await exited)[0];
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Closes hosts, which must then end by themselves, and well. */
export async function closeAll(hosts: readonly Host[]): Promise<void> {
  expect(await Promise.all(hosts.map((host) => host.close()))).toEqual(hosts.map(() => 0));
}

/**
 * All send at once.
 * @param meanwhile is done as soon as each of them has sent some; when it is done each sends as many again
 * @returns what they claim
 */
export async function allSend(
  simulator: Simulator,
  hosts: readonly Host[],
  { name, count, meanwhile }: { name: string; count: number; meanwhile?: () => unknown },
): Promise<Claims[]> {
  const sendAll = (part: string) => Promise.all(hosts.map((host) => host.send(`${name} ${part}`, count)));
  const before = simulator.ledger.messages.length;
  const first = sendAll("first");
  if (!meanwhile) return first;
  const senders = () => new Set(simulator.ledger.messages.slice(before).map(({ text }) => text?.split(" ")[0]));
  while (senders().size < hosts.length) await nextTurn();
  await meanwhile();
  return [...(await sendAll("second")), ...(await first)];
}

/** Holds what hosts claim of all their sends against what arrived. @returns the sends that failed */
export function witnessed({ ledger }: Simulator, claims: readonly Claims[]): Claims["failed"] {
  const arrived = ledger.messages.map(({ text }) => text);
  expect(arrived.toSorted()).toEqual(claims.flatMap(({ delivered }) => delivered).toSorted());
  const failed = claims.flatMap((claim) => claim.failed);
  expect(failed.filter(({ delivery }) => delivery !== "not-delivered")).toEqual([]);
  return failed;
}

/** The tokens, masked, with which messages were sent or tried. */
export const tokensUsed = ({ ledger }: Simulator) =>
  new Set(ledger.calls.flatMap(({ path, accessToken }) => (path.endsWith("/custom/send") ? [accessToken] : [])));

/** The texts of pushes, which the follower sends. */
export const push = (simulator: Simulator, texts: readonly string[]): void => {
  for (const text of texts) simulator.act(DEFAULT_FOLLOWER, { type: "text", text });
};

/** The texts of pushes that were answered with `success`. */
export const acknowledged = ({ ledger }: Simulator): string[] =>
  ledger.pushes.flatMap(({ outcome, body }) =>
    outcome === "accepted" ? [/<Content>(?:<!\[CDATA\[)?([^\]<]*)/.exec(body)?.[1] ?? ""] : [],
  );
