import type { NodeStatus } from "node-red";
import type { ReceivingState } from "./receiving.js";

const KEY = "wechat-oa-receive.status";

function wrong(text: string): NodeStatus {
  return { fill: "red", shape: "ring", text: `${KEY}.${text}` };
}

export const NO_ACCOUNT = wrong("noAccount");
export const CHECK_FILTER = wrong("checkFilter");

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
