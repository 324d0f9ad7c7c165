// A program under soak, as a process of its own with the probe in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const PROBE = new URL("./probe.mjs", import.meta.url).href;
/** Characters of stderr that are kept, for who has to find out what went wrong. */
const TAIL = 4_000;
/** Milliseconds for a program to end by itself. Node-RED's nodes get up to 15 s, the HTTP server takes up to 8. */
const LONGEST_END = 20_000;
/** Milliseconds after which what traffic left is gone: the simulator lets idle connections stand for 75 s. */
const IDLE = 80_000;
/** Milliseconds in which nothing may change then. */
const SETTLED = 3_000;
const LONGEST_SETTLING = 120_000;

export class Child {
  #asked = 0;
  #waiting = new Map();
  #lastWords;
  stderr = "";

  /**
   * @param name of the door, for files and words
   * @param args of node: a script and its arguments
   * @param folder for what it leaves behind
   */
  constructor(name, args, { env, folder }) {
    this.name = name;
    this.#lastWords = join(folder, `${name}.json`);
    this.process = spawn(process.execPath, ["--expose-gc", "--import", PROBE, ...args], {
      env: { PATH: process.env.PATH, HOME: folder, SOAK_LAST_WORDS: this.#lastWords, ...env },
      stdio: ["pipe", "pipe", "pipe", "ipc"],
    });
    this.ended = once(this.process, "exit").then(([code, signal]) => ({ code, signal, after: performance.now() }));
    this.process.stderr.setEncoding("utf8").on("data", (chunk) => {
      this.stderr = (this.stderr + chunk).slice(-TAIL);
    });
    this.process.on("message", ({ probe, reading }) => {
      this.#waiting.get(probe)?.(reading);
      this.#waiting.delete(probe);
    });
  }

  /** What it has on stderr from this on; rejects if it ends first. */
  async said(pattern) {
    for (;;) {
      const found = pattern.exec(this.stderr);
      if (found) return found;
      const over = await Promise.race([once(this.process.stderr, "data"), this.ended]);
      if (!Array.isArray(over)) throw new Error(`${this.name} ended: ${this.stderr}`);
    }
  }

  /** @param collect garbage first, so that the heap holds only what is held */
  async probe({ collect = false } = {}) {
    const id = ++this.#asked;
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve));
    this.process.send({ probe: id, collect });
    const reading = await Promise.race([answered, this.ended.then(() => undefined)]);
    if (reading === undefined) throw new Error(`${this.name} ended in the middle: ${this.stderr}`);
    return reading;
  }

  /** What is open when nothing comes in: read after a while, once it stays the same. */
  async settled() {
    const limit = performance.now() + LONGEST_SETTLING;
    await wait(IDLE);
    let last;
    let since = 0;
    for (;;) {
      const { handles, fds } = await this.probe();
      const now = performance.now();
      const seen = JSON.stringify([Object.entries(handles).sort(), fds]);
      if (seen !== last) [last, since] = [seen, now];
      if (now - since >= SETTLED || now >= limit) return { handles, fds };
      await wait(500);
    }
  }

  /**
   * Asks it to end, and waits until it has.
   * @param ask as its user would
   * @returns seconds it took, code or signal, and what was open at the end; `beforeExit` only if it ended by itself
   */
  async end(ask) {
    const began = performance.now();
    ask();
    const late = new AbortController();
    const over = await Promise.race([this.ended, wait(LONGEST_END, undefined, { signal: late.signal })]);
    late.abort();
    if (over === undefined) {
      const { handles } = await this.probe();
      this.process.kill("SIGKILL");
      return { seconds: LONGEST_END / 1000, hung: true, exit: { code: null, handles } };
    }
    const words = JSON.parse(await readFile(this.#lastWords, "utf8").catch(() => "{}"));
    return { seconds: (over.after - began) / 1000, code: over.code, signal: over.signal, ...words };
  }
}
