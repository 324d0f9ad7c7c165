import { WeChatApiError, WeChatClientError, WeChatValidationError } from "@wechat-offiaccount/core";
import type { NodeStatus } from "node-red";
import { ACCOUNT_FIELDS } from "./send-status.js";
import type { Translate } from "./texts.js";

const KEY = "wechat-oa-conversation.status";
/** Results that are no success of what was wanted, and no failure either. */
const SO_SO = new Set(["windowUsedUp", "windowClosed", "noSession"]);

// Texts are keys where the catalogue has one: the editor translates them into the language of the one who looks.
export const WORKING: NodeStatus = { fill: "blue", shape: "dot", text: `${KEY}.working` };
export const NO_ACCOUNT = wrong(`${KEY}.noAccount`);
export const CHECK_ACCOUNT = wrong(`${KEY}.checkAccount`);

/** @param name of the status in the catalogue */
export function doneStatus(name: string): NodeStatus {
  const look = SO_SO.has(name)
    ? ({ fill: "grey", shape: "ring" } as const)
    : ({ fill: "green", shape: "dot" } as const);
  return { ...look, text: `${KEY}.${name}` };
}

export function troubleStatus(thrown: unknown, translate: Translate): NodeStatus {
  if (thrown instanceof WeChatApiError) {
    // A key cannot carry a number, so this one text comes in the language of the runtime.
    return wrong(translate(`${KEY}.errcode`, { errcode: String(thrown.errcode) }));
  }
  if (thrown instanceof WeChatClientError && thrown.code === "WECHAT_NO_AGENT") return wrong(`${KEY}.noAgent`);
  if (!(thrown instanceof WeChatValidationError)) return wrong(`${KEY}.failed`);
  return ACCOUNT_FIELDS.has(thrown.field) ? CHECK_ACCOUNT : wrong(`${KEY}.checkInput`);
}

function wrong(text: string): NodeStatus {
  return { fill: "red", shape: "ring", text };
}
