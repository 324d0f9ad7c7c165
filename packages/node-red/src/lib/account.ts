import type { WeChatClient, WeChatError } from "@wechat-offiaccount/core";
import type { InboxReader } from "./account-inbox.js";
import type { Receiving, ReceivingState } from "./receiving.js";
import type { RecipientQueue } from "./recipient-queue.js";

/**
 * What the account node shares with the nodes that use it. Node files are bundled apart, so everything with a state
 * of its own (client, token, queue, callback) lives in the account node and is reached through `RED.nodes.getNode`.
 */
export interface Account {
  /** Missing when the settings are wrong. */
  readonly client?: WeChatClient;
  /** Why there is no client. */
  readonly problem?: WeChatError;
  /** Whether messages are labelled as written by an AI, unless a node says otherwise. */
  readonly aiGenerated: boolean;
  /** Orders the sends of all nodes that use this account. */
  readonly queue: RecipientQueue;
  /** Keeps the conversations. Missing when the settings are wrong, and where nothing comes in and no file is named. */
  readonly inbox?: InboxReader;
  /** Takes what WeChat pushes; or why it does not. */
  readonly receiving: Receiving | Extract<ReceivingState, "off" | "checkAccount" | "noHttpNodes">;
}

/** Where the account node keeps it; a field that no other node type has. */
export const ACCOUNT = "wechatOaAccount";

/** The account of a node found by id, or undefined when there is none, it is disabled, or is of another type. */
export function accountOf(node: unknown): Account | undefined {
  return typeof node === "object" && node !== null && ACCOUNT in node ? (node[ACCOUNT] as Account) : undefined;
}
