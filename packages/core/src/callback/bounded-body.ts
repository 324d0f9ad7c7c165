import { Refusal } from "./refusals.js";

/**
 * How many times the limit is read and thrown away, so that the sender gets to read the refusal instead of a broken
 * connection; what goes on even then is cut off.
 */
const DRAIN = 16;

/** Milliseconds within which a body must be whole: WeChat hangs up after 5 s. */
export const BODY_WITHIN = 5_000;

/** Collects a body up to a limit. */
export class BoundedBody {
  readonly #max: number;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether it is over the limit; what comes then is not kept. */
  get tooLarge(): boolean {
    return this.#bytes > this.#max;
  }

  /** Whether to stop reading too. */
  get endless(): boolean {
    return this.#bytes > this.#max * DRAIN;
  }

  add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.tooLarge) this.#chunks.length = 0;
    else this.#chunks.push(chunk);
  }

  /** @throws Refusal `too-large` */
  whole(): Buffer {
    if (this.tooLarge) throw new Refusal("too-large");
    const [first] = this.#chunks;
    if (first && this.#chunks.length === 1) return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
    return Buffer.concat(this.#chunks, this.#bytes);
  }
}
