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

/**
 * Milliseconds without a push after which nobody can say that pushes still reach the process: a quiet hour and a broken
 * way to it look alike.
 */
const SILENCE = 60 * 60_000;

/** Signs of life of a process that takes pushes, three in a lease. */
export class Presence {
  readonly #options: PresenceOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Since when pushes have reached this process without a gap. */
  #since: number | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;
  #left = false;
  #beatAt = Number.NEGATIVE_INFINITY;
  /** Whether signs of life failed since one arrived. */
  #failed = false;
  /** Milliseconds by which signs of life came too late, and how long that counts. */
  #hindered = { by: 0, until: Number.NEGATIVE_INFINITY };
  /** The last beat; absent until the first. */
  #beating: Promise<void> | undefined;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Names this process. */
  get owner(): string {
    return this.#options.owner;
  }

  /**
   * A push came. Before it is kept, the others must know that its owner lives.
   * @returns what to wait for; nothing for nearly every push
   */
  heard(): Promise<void> | undefined {
    const now = this.#options.clock();
    const first = this.#since === undefined || this.#late() || this.#silent();
    if (first) this.#since = now;
    this.#heardAt = now;
    return this.#show(first);
  }

  /** This process is ready to emit; whether pushes reach it is not known yet. */
  alive(): Promise<void> | undefined {
    const unsure = this.#since !== undefined && (this.#late() || this.#silent());
    if (unsure) this.#since = undefined;
    return this.#show(unsure);
  }

  /**
   * The moment since which a process must have shown itself to be taken for alive. What kept back this process' own signs
   * of life, such as a store that was away, may have kept back those of others too, who are then no less alive. So for a
   * lease after some of its own failed nobody is taken for dead, and after some were late nobody who may have been held up
   * as long; whoever said that they are gone is. A process that began right after the store came back knows of no trouble.
   */
  aliveSince(): number {
    const { clock, lease } = this.#options;
    return Math.max(0, clock() - lease - this.#hinderedBy());
  }

  #hinderedBy(): number {
    return this.#options.clock() < this.#hindered.until ? this.#hindered.by : 0;
  }

  /** The process ends: others may emit what it left, at once. */
  async leave(): Promise<void> {
    this.#left = true;
    clearInterval(this.#timer);
    if (!this.#beating) return;
    await this.#beating.catch(() => {});
    await this.#beat(true);
  }

  /** It stood still for so long that others took its place; what WeChat pushed meanwhile is lost. */
  #late(): boolean {
    return this.#options.clock() - this.#beatAt > this.#options.lease;
  }

  #silent(): boolean {
    return this.#options.clock() - this.#heardAt > SILENCE;
  }

  #show(now: boolean): Promise<void> | undefined {
    const { clock, lease } = this.#options;
    const due = now || clock() - this.#beatAt >= lease / 3;
    return due ? this.#beat(false).then(() => this.#goOn()) : this.#goOn();
  }

  #goOn(): undefined {
    if (!this.#left) this.#timer ??= setInterval(() => this.#tick(), this.#options.lease / 3).unref();
  }

  #tick(): void {
    this.alive()?.catch(this.#options.onError);
  }

  #beat(gone: boolean): Promise<void> {
    this.#beating = this.#tell(gone);
    return this.#beating;
  }

  async #tell(gone: boolean): Promise<void> {
    const { owner, clock, beat, onBeat } = this.#options;
    const beatAt = clock();
    const since = this.#since;
    try {
      await beat({ owner, ...(since !== undefined && { since }), beatAt, gone }, beatAt - LONGEST_WINDOW);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    this.#noteGap();
    this.#beatAt = beatAt;
    if (!gone) onBeat();
  }

  #noteGap(): void {
    const { clock, lease } = this.#options;
    const first = this.#beatAt === Number.NEGATIVE_INFINITY;
    const now = clock();
    const late = first ? 0 : now - this.#beatAt - lease / 3;
    const by = this.#failed ? Number.POSITIVE_INFINITY : late;
    this.#failed = false;
    if (by >= this.#hinderedBy()) this.#hindered = { by, until: now + lease };
  }
}
