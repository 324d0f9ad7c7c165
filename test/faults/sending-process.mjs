// A process that sends through one door, and its end.
import { fork } from "node:child_process";
import { once } from "node:events";
import { HANGS } from "./mix.mjs";

export class SendingProcess {
  #door;
  #values;
  #child;
  /** It was sent a SIGKILL, which may reach it after its last word. */
  #doomed = false;
  started = 0;

  /** @param values for openDoor, at each start anew */
  constructor(door, values) {
    this.#door = door;
    this.#values = values;
  }

  /** At once, with what it has started. @returns false where nothing is left to kill */
  kill() {
    if (this.#child === undefined || this.#doomed) return false;
    this.#doomed = true;
    // The group: an MCP server that outlives its host would send on.
    process.kill(-this.#child.pid, "SIGKILL");
    return true;
  }

  /**
   * Lets it send, and collects its claims until it is done or dead.
   * @param onClaims hears how many there are
   * @returns `{ claims, killed }`
   */
  async send(batch, onClaims) {
    this.#child ??= this.#start();
    const child = this.#child;
    const claims = new Map();
    await new Promise((resolve, reject) => {
      const hangs = setTimeout(() => reject(new Error(`a batch hangs: ${claims.size} of ${batch.count}`)), HANGS);
      const end = () => {
        clearTimeout(hangs);
        child.off("message", onMessage).off("exit", onExit);
        resolve();
      };
      const onExit = (code, signal) => {
        if (!this.#doomed) reject(new Error(`the sender ended by itself: ${code ?? signal}`));
        end();
      };
      const onMessage = (message) => {
        hangs.refresh();
        if ("done" in message) {
          if (!this.#doomed) end();
          return;
        }
        for (const { id, ...claim } of message.claims) claims.set(id, claim);
        onClaims(claims.size);
      };
      child.on("message", onMessage).on("exit", onExit);
      child.send(batch);
    });
    const killed = this.#doomed;
    if (killed) this.#child = undefined;
    this.#doomed = false;
    return { claims, killed };
  }

  async close() {
    if (this.#child === undefined) return;
    const exit = once(this.#child, "exit");
    this.#child.disconnect();
    await exit;
  }

  #start() {
    this.started++;
    const values = this.#values();
    const { clockSeed, certificate } = values;
    const trusted = certificate && { NODE_EXTRA_CA_CERTS: certificate };
    const env = { ...process.env, FAULTS_CLOCK: String(clockSeed), ...trusted };
    const script = new URL("./sender.mjs", import.meta.url);
    return fork(script, [this.#door, JSON.stringify(values)], { detached: true, env });
  }
}
