import type { EventEmitter } from "node:events";

const GATES = new WeakMap<EventEmitter, FlowsGate>();

/**
 * Knows whether the flows run. While a deploy stops and starts nodes, what WeChat pushes must wait: its nodes are
 * not there yet, or not any more.
 */
export class FlowsGate {
  #open = false;
  #waiting: (() => void)[] = [];

  private constructor(events: EventEmitter) {
    events.on("flows:stopping", () => {
      this.#open = false;
    });
    events.on("flows:started", () => {
      this.#open = true;
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  /** One gate a runtime, so that its events get two listeners and no more. */
  static of(events: EventEmitter): FlowsGate {
    const gate = GATES.get(events) ?? new FlowsGate(events);
    GATES.set(events, gate);
    return gate;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Resolves when the flows run. */
  async started(): Promise<void> {
    if (!this.#open) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
