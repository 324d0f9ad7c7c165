import { hash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { digestOf } from "./digest.js";
import type { Notes } from "./notes.js";

/** How long a result is kept for its key. */
const KEPT_FOR = 24 * 60 * 60 * 1000;
/** What stands for a key that was given back, until it is forgotten; milliseconds. */
const FREE = "";
const KEPT_FREE = 1000;

/** A call that names a key. */
export interface KeyedCall {
  /** The caller's. */
  readonly key: string;
  /** Tool and arguments: what must be the same for the same key. */
  readonly request: unknown;
}

/** What is known of a key. */
export type Known<Result> =
  /** The same call ended with this result. */
  | { readonly state: "done"; readonly result: Result }
  /** The same call began and has told no end: it is under way, or its process is gone. */
  | { readonly state: "begun"; readonly at: number }
  /** The key stands for another call. */
  | { readonly state: "other" };

/** The key is ours: the call may be made, and must then be settled or released. */
export interface Won<Result> {
  readonly state: "won";
  /** The call ended with this result, which the same call gets from now on. */
  settle(result: Result): Promise<void>;
  /** The call has done nothing: the key is free again. */
  release(): Promise<void>;
}

const note = z.strictObject({
  request: z.string(),
  begunAt: z.number(),
  /** Tells whose claim it is. */
  by: z.string(),
  result: z.unknown().optional(),
});
type Note = z.infer<typeof note>;

/** Remembers for 24 hours which call a key stood for and how it ended, in one step for all who share the notes. */
export class IdempotencyKeys<Result extends object> {
  readonly #notes: Notes;
  readonly #result: z.ZodType<Result>;
  readonly #clock: () => number;

  /** @param result what results are; one that another version wrote differently counts as begun */
  constructor(notes: Notes, result: z.ZodType<Result>, clock: () => number = Date.now) {
    this.#notes = notes;
    this.#result = result;
    this.#clock = clock;
  }

  /**
   * What is known of the key; undefined: nothing.
   * @throws WeChatError if the notes cannot be read
   */
  async find(call: KeyedCall): Promise<Known<Result> | undefined> {
    const standing = readNote(await this.#notes.amendNote(noteKeyOf(call), () => undefined, KEPT_FOR));
    return standing && this.#known(call, standing);
  }

  /**
   * Takes the key for this call, if nobody has.
   * @throws WeChatError if the notes cannot be written: then the call must not be made
   */
  async claim(call: KeyedCall): Promise<Won<Result> | Known<Result>> {
    const key = noteKeyOf(call);
    const mine: Note = { request: digestOf(call.request), begunAt: this.#clock(), by: randomUUID() };
    const take = (before: string | undefined) => (readNote(before) ? undefined : JSON.stringify(mine));
    const replace = async (body: string, keptFor: number) => {
      const change = (before: string | undefined) => (readNote(before)?.by === mine.by ? body : undefined);
      await this.#notes.amendNote(key, change, keptFor);
    };
    const release = () => replace(FREE, KEPT_FREE);
    let standing: Note | undefined;
    try {
      standing = readNote(await this.#notes.amendNote(key, take, KEPT_FOR));
    } catch (error) {
      // It may have been written and its answer lost: then nobody would ever end it.
      void inTheEnd(release);
      throw error;
    }
    if (standing && standing.by !== mine.by) return this.#known(call, standing);
    return { state: "won", settle: (result) => replace(JSON.stringify({ ...mine, result }), KEPT_FOR), release };
  }

  #known(call: KeyedCall, { request, begunAt, result }: Note): Known<Result> {
    if (request !== digestOf(call.request)) return { state: "other" };
    const read = this.#result.safeParse(result);
    return read.success ? { state: "done", result: read.data } : { state: "begun", at: begunAt };
  }
}

/** Milliseconds between attempts, for a store that is gone for a while. */
const ATTEMPTS = [0, 2_000, 10_000, 60_000];

async function inTheEnd(work: () => Promise<void>): Promise<void> {
  for (const pause of ATTEMPTS) {
    await sleep(pause, undefined, { ref: false });
    try {
      return await work();
    } catch {
      // The next attempt, if there is one; else the key is free after a day.
    }
  }
}

const readNote = (body: string | undefined) => (body ? note.parse(JSON.parse(body)) : undefined);
/** What is in a key is the caller's, and nobody's to read. */
const noteKeyOf = ({ key }: KeyedCall) => `idempotency ${hash("sha256", key, "base64")}`;
