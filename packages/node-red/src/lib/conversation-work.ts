import type { WeChatClient } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeMessage } from "node-red";
import type { Account } from "./account.js";
import type { InboxReader } from "./account-inbox.js";
import { toRecipient } from "./input-values.js";
import { list, lookUp } from "./kept-conversations.js";
import { type ErrorName, inputError, type Translate } from "./texts.js";
import { describe, evaluate, kindOf, reasonOf, type TypedInput } from "./typed-input.js";

const TYPE = "wechat-oa-conversation";

/** What the dialog of a conversation node holds. Flows written by hand may hold anything. */
export interface ConversationSettings {
  /** One of the {@link ConversationWork} actions. */
  readonly action: unknown;
  readonly openid: TypedInput;
  readonly agent: TypedInput;
  readonly cursor: TypedInput;
  /** Conversations in a list. */
  readonly limit: unknown;
  /** Messages that come with a conversation. */
  readonly messages: unknown;
  readonly unreadOnly: boolean;
  readonly openOnly: boolean;
}

/** What was found or done. */
export interface Done {
  readonly payload: object;
  /** The cursor for what is older, where there is more. */
  readonly older?: string | undefined;
  /** The name of its status in the catalogue. */
  readonly status: string;
}

type Field = "openid" | "agent" | "cursor";
type Act = (msg: NodeMessage, signal: AbortSignal) => Promise<Done>;

const MOST = 500;
const STATUS = { open: "windowOpen", "used-up": "windowUsedUp", closed: "windowClosed" } as const;

/** Does what a conversation node is set to, message by message. */
export class ConversationWork {
  readonly #RED: NodeAPI;
  readonly #node: Node;
  readonly #account: Account | undefined;
  readonly #settings: ConversationSettings;
  readonly #translate: Translate;
  readonly #actions: ReadonlyMap<unknown, Act> = new Map<unknown, Act>([
    ["lookUp", (msg) => this.#lookUp(msg)],
    ["list", (msg) => this.#list(msg)],
    ["markRead", (msg) => this.#markRead(msg)],
    ["handOver", (msg, signal) => this.#handOver(msg, signal)],
    ["takeBack", (msg, signal) => this.#takeBack(msg, signal)],
  ]);

  constructor(
    RED: NodeAPI,
    node: Node,
    account: Account | undefined,
    settings: ConversationSettings,
    translate: Translate,
  ) {
    this.#RED = RED;
    this.#node = node;
    this.#account = account;
    this.#settings = settings;
    this.#translate = translate;
  }

  /** @throws WeChatError */
  async run(msg: NodeMessage, signal: AbortSignal): Promise<Done> {
    const { action } = this.#settings;
    const act = this.#actions.get(action);
    if (!act) throw this.#error("actionUnknown", "action", { action: String(action) });
    return act(msg, signal);
  }

  async #lookUp(msg: NodeMessage): Promise<Done> {
    const inbox = this.#inbox();
    const messages = this.#number("messages", 0);
    const page = await lookUp(inbox, await this.#openid(msg), { messages, before: await this.#cursor(msg) });
    return { ...page, status: STATUS[page.payload.window.state] };
  }

  async #list(msg: NodeMessage): Promise<Done> {
    const inbox = this.#inbox();
    const { unreadOnly, openOnly } = this.#settings;
    const limit = this.#number("limit", 1);
    return {
      ...(await list(inbox, { limit, before: await this.#cursor(msg), unreadOnly, openOnly })),
      status: "listed",
    };
  }

  async #markRead(msg: NodeMessage): Promise<Done> {
    const inbox = this.#inbox();
    const openid = await this.#openid(msg);
    const unread = await inbox.markRead(openid, await this.#cursor(msg));
    return { payload: { openid, unread }, status: "markedRead" };
  }

  async #handOver(msg: NodeMessage, signal: AbortSignal): Promise<Done> {
    const { sessions } = this.#client();
    const payload = await sessions.handOver(await this.#served(msg), { signal });
    return { payload, status: "handedOver" };
  }

  async #takeBack(msg: NodeMessage, signal: AbortSignal): Promise<Done> {
    const { sessions } = this.#client();
    const payload = await sessions.takeBack(await this.#served(msg), { signal });
    return { payload, status: payload.ended ? "takenBack" : "noSession" };
  }

  #client(): WeChatClient {
    const { client, problem } = this.#account ?? {};
    // What the account reported already.
    if (!client) throw problem ?? this.#error("noAccount", "account");
    return client;
  }

  #inbox(): InboxReader {
    this.#client();
    const inbox = this.#account?.inbox;
    if (!inbox) throw this.#error("noInbox", "account");
    return inbox;
  }

  #number(field: "limit" | "messages", least: number): number {
    const given = this.#settings[field];
    const value = Number(given);
    if (given !== "" && Number.isInteger(value) && value >= least && value <= MOST) return value;
    const parameters = { least: String(least), most: String(MOST), value: String(given) };
    throw this.#error("numberWrong", field, parameters);
  }

  async #openid(msg: NodeMessage): Promise<string> {
    const value = await this.#value("openid", msg);
    const found = toRecipient(value);
    if ("problem" in found) throw this.#inputError(found.problem, "openid", value);
    return found.openid;
  }

  /** The follower, and the agent where one is named. */
  async #served(msg: NodeMessage): Promise<{ openid: string; account: string | undefined }> {
    return { openid: await this.#openid(msg), account: await this.#agent(msg) };
  }

  /** The agent's account, where one is named. */
  async #agent(msg: NodeMessage): Promise<string | undefined> {
    const value = (await this.#value("agent", msg)) ?? "";
    if (typeof value !== "string") throw this.#inputError("agentNotText", "agent", value);
    return value.trim() || undefined;
  }

  /** An id of the inbox, where one is given. */
  async #cursor(msg: NodeMessage): Promise<string | undefined> {
    const value = (await this.#value("cursor", msg)) ?? "";
    if (typeof value !== "string") throw this.#inputError("cursorNotText", "cursor", value);
    return value.trim() || undefined;
  }

  async #value(field: Field, msg: NodeMessage): Promise<unknown> {
    const input = this.#settings[field];
    if (input.value.trim() === "") return undefined;
    try {
      return await evaluate(this.#RED, this.#node, input, msg);
    } catch (error) {
      throw this.#inputError("notReadable", field, undefined, reasonOf(error));
    }
  }

  #inputError(key: ErrorName<typeof TYPE>, field: Field, value: unknown, reason = "") {
    return this.#error(key, field, { property: describe(this.#settings[field]), kind: kindOf(value), reason });
  }

  #error(key: ErrorName<typeof TYPE>, field: string, parameters: Readonly<Record<string, string>> = {}) {
    return inputError(this.#translate, TYPE, key, field, parameters);
  }
}
