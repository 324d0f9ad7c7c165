import type { NodeStatus } from "node-red";
import type { ReceivingState } from "./receiving.js";

const KEY = "wechat-oa-receive.status";

function wrong(text: string): NodeStatus {
  return { fill: "red", shape: "ring", text: `${KEY}.${text}` };
}

export const NO_ACCOUNT = wrong("noAccount");
export const CHECK_FILTER = wrong("checkFilter");
export const CHECK_LISTS = wrong("checkLists");

/** How it stands with the account's pushes. Texts are keys, which the editor translates. */
export const STATES: Readonly<Record<ReceivingState, NodeStatus>> = {
  off: wrong("off"),
  checkAccount: wrong("checkAccount"),
  pathTaken: wrong("pathTaken"),
  noHttpNodes: wrong("noHttpNodes"),
  inboxFailed: wrong("inboxFailed"),
  // It may work: where Node-RED is embedded its program may not ask for the password.
  behindPassword: { fill: "yellow", shape: "ring", text: `${KEY}.behindPassword` },
  listening: { fill: "green", shape: "dot", text: `${KEY}.listening` },
};

/** Shows how it stands with the account's pushes and, once one came, when the last one did. */
export class ReceiveStatus {
  readonly #show: (status: NodeStatus) => void;
  #state: ReceivingState = "listening";
  #last: NodeStatus | undefined;

  constructor(show: (status: NodeStatus) => void) {
    this.#show = show;
  }

  /** It stands so from now on. */
  state(state: ReceivingState): void {
    this.#state = state;
    this.#show((STATES[state].fill !== "red" && this.#last) || STATES[state]);
  }

  /** A push came out of the node. One status a minute is enough: the editor hears of each. */
  heard(at: Date): void {
    const text = localMinute(at);
    if (this.#last?.text === text) return;
    this.#last = { fill: "green", shape: "dot", text };
    this.state(this.#state);
  }
}

/** Such as `2026-11-22 23:54`, by the runtime's clock; no words, so that there is nothing to translate. */
function localMinute(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16).replace("T", " ");
}
