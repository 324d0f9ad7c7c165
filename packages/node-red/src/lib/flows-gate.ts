import type { EventEmitter } from "node:events";

const GATES = new WeakMap<EventEmitter, FlowsGate>();
/**
 * Why Node-RED gives up a start, as its event "runtime-state" tells (@node-red/runtime, lib/flows/index.js): "flows:started"
 * does not come then, and what a partial deploy did not stop runs on.
 */
const GIVEN_UP: ReadonlySet<unknown> = new Set(["missing-types", "missing-modules"]);

/**
 * Knows whether the flows run. While a deploy stops and starts nodes, what WeChat pushes must wait: its nodes are
 * not there yet, or not any more.
 */
export class FlowsGate {
  #state: "changing" | "running" | "given-up" = "changing";
  readonly #waiting = new Set<() => void>();

  private constructor(events: EventEmitter) {
    events.on("flows:stopping", () => {
      this.#state = "changing";
    });
    events.on("flows:started", () => this.#settle("running"));
    events.on("runtime-event", (event: unknown) => {
      if (isGivenUp(event)) this.#settle("given-up");
    });
  }

  /** One gate a runtime, so that its events get three listeners and no more. */
  static of(events: EventEmitter): FlowsGate {
    const gate = GATES.get(events) ?? new FlowsGate(events);
    GATES.set(events, gate);
    return gate;
  }

  /** Who waits. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Waits until the flows run, or their start was given up and what is needed is still there.
   * @param ms milliseconds to wait at most; left out: without end
   * @returns whether it may go on
   */
  async passes(isThere: () => boolean, ms?: number): Promise<boolean> {
    return this.lets(isThere) || this.#wait(isThere, ms);
  }

  /** Whether it may go on at once. */
  lets(isThere: () => boolean): boolean {
    return this.#state === "running" || (this.#state === "given-up" && isThere());
  }

  #wait(isThere: () => boolean, ms: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (passes: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(passes);
      };
      const look = () => {
        if (this.lets(isThere)) end(true);
      };
      const timer = ms === undefined ? undefined : setTimeout(end, ms, false);
      this.#waiting.add(look);
    });
  }

  #settle(state: "running" | "given-up"): void {
    this.#state = state;
    for (const look of [...this.#waiting]) look();
  }
}

function isGivenUp(event: unknown): boolean {
  const { id, payload }: { id?: unknown; payload?: { error?: unknown } } = Object(event);
  return id === "runtime-state" && GIVEN_UP.has(payload?.error);
}
