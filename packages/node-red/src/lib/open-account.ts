import { type MemoryStore, QuietLog, type RefusedRequest, WeChatClient, WeChatError } from "@wechat-offiaccount/core";
import type { Node, NodeAPI } from "node-red";
import type { Account } from "./account.js";
import { AccountInbox } from "./account-inbox.js";
import { type AccountSettings, accountOptions, labelsAsAi, receiveOptions } from "./account-settings.js";
import { failureOf } from "./failure.js";
import { FlowsGate } from "./flows-gate.js";
import { closeGrace, within } from "./in-flight.js";
import { Receiving, type ReceivingLog } from "./receiving.js";
import { RecipientQueue } from "./recipient-queue.js";
import { Routes } from "./routes.js";
import { SharedTokens } from "./shared-tokens.js";
import { type ErrorName, inputError, languageOf, refusalRemedyOf, type Translate } from "./texts.js";
import { userDirOf } from "./user-dir.js";

/**
 * Followers served at the same time. Below the client's 256 connections, so that the time limit of a send is not
 * spent waiting for a connection.
 */
const CONCURRENCY = 100;
const TYPE = "wechat-oa-account";

/** An account that is open, and how to close it. */
export interface OpenAccount {
  readonly account: Account;
  /** Lets what is under way end, and then ends route, timers, connections and inbox. */
  readonly close: () => Promise<void>;
}

/** What opening needs of the node and the runtime. */
export interface Surroundings {
  readonly RED: NodeAPI;
  readonly node: Node;
  readonly translate: Translate;
  /** Outlives a deploy: what was acknowledged and not emitted yet, and which pushes are known already. */
  readonly memory: MemoryStore;
}

/** Tells the log what is wrong, with its remedy. */
function tell({ node, translate }: Surroundings, problem: unknown): void {
  node.error(failureOf(problem, languageOf(translate, TYPE)).error);
}

/** Opens an account by its settings. What is wrong with them is told to the log; the flow runs all the same. */
export function openAccount(settings: AccountSettings, around: Surroundings): OpenAccount {
  const { RED, translate } = around;
  const common = { queue: new RecipientQueue(CONCURRENCY), aiGenerated: labelsAsAi(settings) };
  const sending = accountOptions(settings, translate);
  if ("problem" in sending) {
    tell(around, sending.problem);
    return opened({ ...common, problem: sending.problem, receiving: "checkAccount" }, {}, around);
  }
  const { options } = sending;
  const wanted = receiveOptions(settings, userDirOf(RED.settings), translate);
  if ("problem" in wanted) tell(around, wanted.problem);
  let stores: Stores = {};
  try {
    if (!("problem" in wanted)) stores = storesFor(wanted, options.appId, around);
    const client = new WeChatClient({ ...options, inbox: stores.inbox, tokenStore: stores.tokens });
    const receiving = "problem" in wanted ? "checkAccount" : openReceiving(wanted, stores.inbox, options.appId, around);
    return opened({ ...common, client, receiving, ...(stores.inbox && { inbox: stores.inbox }) }, stores, around);
  } catch (error) {
    if (!(error instanceof WeChatError)) throw error;
    tell(around, error);
    return opened({ ...common, problem: error, receiving: "checkAccount" }, stores, around);
  }
}

type Wanted = Exclude<ReturnType<typeof receiveOptions>, { readonly problem: unknown }>;

/** What an account keeps outside its client. */
interface Stores {
  readonly inbox?: AccountInbox;
  readonly tokens?: SharedTokens;
}

/**
 * What is sent is worth keeping only where what comes in is kept too: by this account, or by another program in a file or
 * in Redis. An inbox that hears nothing would tell that nobody can be answered.
 */
function storesFor({ inbox: place, callback }: Wanted, appId: string, around: Surroundings): Stores {
  if (!callback && place.store === "memory") return {};
  const inbox = new AccountInbox(place, around.memory, appId, (error) => tell(around, error));
  return place.store === "redis" ? { inbox, tokens: new SharedTokens(place.url) } : { inbox };
}

function openReceiving(
  { callback }: Wanted,
  inbox: AccountInbox | undefined,
  appId: string,
  around: Surroundings,
): Account["receiving"] {
  if (!callback || !inbox) return "off";
  const { RED, node, translate } = around;
  const warn = (key: ErrorName<typeof TYPE>, field: string, parameters = {}) =>
    tell(around, inputError(translate, TYPE, key, field, parameters));
  const state = callbackState(RED.settings);
  if (state === "noHttpNodes") {
    warn("noHttpNodes", "httpNodeRoot");
    return "noHttpNodes";
  }
  if (state === "behindPassword") warn("behindPassword", "httpNodeAuth", { path: callback.path });
  if (callback.encodingAESKey === undefined) node.warn(unprotected(around));
  const gate = FlowsGate.of(RED.events);
  const name = node.name || appId;
  try {
    return new Receiving({
      ...callback,
      appId,
      name,
      inbox,
      gate,
      routes: Routes.of(RED.httpNode, gate, RED.settings),
      state: state === "ready" ? "listening" : state,
      log: {
        error: (error) => tell(around, error),
        refused: refusalLog(around),
        pathTaken: (path, rival) => warn("pathTaken", "callbackPath", { path, name, rival }),
      },
    });
  } catch (error) {
    if (!(error instanceof WeChatError)) throw error;
    tell(around, error);
    return "checkAccount";
  }
}

/** Whether WeChat gets through: the user may switch HTTP nodes off, or put a password before them (settings.js). */
export function callbackState(settings: object): "ready" | "noHttpNodes" | "behindPassword" {
  if (Reflect.get(settings, "httpNodeRoot") === false) return "noHttpNodes";
  return Reflect.get(settings, "httpNodeAuth") ? "behindPassword" : "ready";
}

/** In plain mode WeChat's signature covers only time and nonce (微信公众平台, 明文模式). */
function unprotected({ translate }: Surroundings): string {
  const error = inputError(translate, TYPE, "plainMode", "encodingAESKey");
  return failureOf(error, languageOf(translate, TYPE)).error.message;
}

function refusalLog({ node, translate }: Surroundings): ReceivingLog["refused"] {
  const log = new QuietLog<RefusedRequest>(({ reason, status, remedy }, more) => {
    const said = translate(`${TYPE}.refused`, { reason, status: String(status), more: String(more) });
    node.warn(`${said} ${(refusalRemedyOf(reason) ?? remedy)[languageOf(translate, TYPE)]}`);
  });
  return (refused) => log.note(refused.reason, refused);
}

function opened(account: Account, { inbox, tokens }: Stores, around: Surroundings): OpenAccount {
  const grace = closeGrace(around.RED.settings);
  const { queue, receiving, client } = account;
  const close = async () => {
    // Node-RED allows three times the grace for all of it.
    const endAt = performance.now() + 2.5 * grace;
    const left = () => Math.max(0, endAt - performance.now());
    const ended = typeof receiving === "string" ? undefined : receiving.close(grace);
    // Nodes that use this account are closed at the same time, not before it: they get the time to finish and to
    // abort what is left (closeGrace each), and only then the connections end.
    await within(2 * grace, queue.idle());
    if (client) await within(left(), client.close());
    await ended;
    await within(left(), Promise.all([inbox?.close(), tokens?.close()]));
  };
  return { account, close: () => close().catch((error: unknown) => tell(around, error)) };
}
