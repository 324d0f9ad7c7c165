import type { Listener } from "./listening.js";
import { LONGEST_WINDOW } from "./scenes.js";

export interface PresenceOptions {
  /** Names this process. */
  readonly owner: string;
  /** Milliseconds after its last sign of life for which a process counts as alive. */
  readonly lease: number;
  readonly clock: () => number;
  /** Tells the others. */
  readonly beat: (listener: Listener, forgetBefore: number) => Promise<void>;
  /** Regular work. */
  readonly onBeat: () => void;
  readonly onError: (error: unknown) => void;
}

/** Signs of life of a process that takes pushes, three in a lease. */
export class Presence {
  readonly #options: PresenceOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Since when pushes have reached this process without a gap. */
  #since: number | undefined;
  #beatAt = Number.NEGATIVE_INFINITY;
  /** The last beat. */
  #beating: Promise<void> = Promise.resolve();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** A push came. Before it is kept, the others must know that its owner lives. */
  async heard(): Promise<{ owner: string }> {
    const first = this.#since === undefined || this.#late();
    if (first) this.#since = this.#options.clock();
    return this.#show(first);
  }

  /** This process is ready to emit; whether pushes reach it is not known yet. */
  async alive(): Promise<{ owner: string }> {
    if (this.#late()) this.#since = undefined;
    return this.#show(false);
  }

  /** The process ends: others may emit what it left, at once. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#timer) return;
    await this.#beating.catch(() => {});
    await this.#beat(true);
  }

  /** It stood still for so long that others took its place; what WeChat pushed meanwhile is lost. */
  #late(): boolean {
    return this.#options.clock() - this.#beatAt > this.#options.lease;
  }

  async #show(now: boolean): Promise<{ owner: string }> {
    const { owner, clock, lease } = this.#options;
    if (now || clock() - this.#beatAt >= lease / 3) await this.#beat(false);
    this.#timer ??= setInterval(() => this.#tick(), lease / 3).unref();
    return { owner };
  }

  #tick(): void {
    this.alive().catch(this.#options.onError);
  }

  #beat(gone: boolean): Promise<void> {
    this.#beating = this.#tell(gone);
    return this.#beating;
  }

  async #tell(gone: boolean): Promise<void> {
    const { owner, clock, beat, onBeat } = this.#options;
    const beatAt = clock();
    const since = this.#since;
    await beat({ owner, ...(since !== undefined && { since }), beatAt, gone }, beatAt - LONGEST_WINDOW);
    this.#beatAt = beatAt;
    if (!gone) onBeat();
  }
}
