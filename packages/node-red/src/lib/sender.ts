import { resolve } from "node:path";
import { type WeChatClient, WeChatError, WeChatTransportError } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeMessage, NodeStatus } from "node-red";
import type { Account } from "./account.js";
import { type Delivered, deliver } from "./deliver.js";
import { type Attempt, type Ended, endedForList, endedForOne } from "./ended.js";
import { within } from "./in-flight.js";
import { type Recipient, requestIdOf } from "./input-values.js";
import { MediaFiles } from "./media-files.js";
import { OrderReader, type ReplyTask, type Task } from "./order.js";
import { letGo, replyPassively } from "./passive-reply.js";
import { type PlainWindow, plainWindow } from "./plain-window.js";
import type { SenderSettings } from "./send-settings.js";
import { DELIVERED, TYPING_ENDED, TYPING_SHOWN } from "./send-status.js";
import { type Bilingual, inputError, remedyOf, type Translate } from "./texts.js";
import { userDirOf } from "./user-dir.js";

/**
 * Messages one node may hold at a time, one for each follower. A flow that floods the node is told so, message by
 * message, before the memory of the runtime is full.
 */
const MAX_IN_FLIGHT = 10_000;
/** Milliseconds that a message waits for what the inbox knows of the window, which is an extra. */
const WINDOW_WAIT = 1_000;

/** The node holds too many messages already; nothing was sent. */
class QueueFullError extends WeChatError {
  readonly code = "WECHAT_QUEUE_FULL";

  constructor(message: string, remedy: Bilingual) {
    super(message, remedy, { delivery: "not-delivered", parts: [] });
  }

  override withOutcome(): QueueFullError {
    return this;
  }
}

/** Why a message that had not left yet will not: its node was closed. */
export function stopped(translate: Translate): WeChatTransportError {
  const message = translate("wechat-oa-send.errors.stopped");
  return new WeChatTransportError(
    { reason: "aborted", message, sent: false },
    { delivery: "not-delivered", parts: [] },
  );
}

/** One message of the flow on its way, to one follower or several. */
interface Round {
  readonly account: Account;
  readonly client: WeChatClient;
  readonly task: Task;
  /** The task with its files uploaded; once, however many followers ask. */
  readonly ready: () => Promise<Task>;
  /** WeChat's request that waits, where the node replies passively. */
  readonly requestId: string | undefined;
  readonly signal: AbortSignal;
}

/** Takes messages in the order in which they come, reads from each what is to be done, and does it. */
export class Sender {
  readonly #account: Account | undefined;
  readonly #settings: SenderSettings;
  readonly #translate: Translate;
  readonly #reader: OrderReader;
  readonly #files: MediaFiles;
  /** Resolves when all messages before have their place in the queue, or need none. */
  #previous: Promise<unknown> = Promise.resolve();
  /** Followers in lists, beyond the first of each list. */
  #listed = 0;

  constructor(RED: NodeAPI, node: Node, account: Account | undefined, settings: SenderSettings, translate: Translate) {
    this.#account = account;
    this.#settings = settings;
    this.#translate = translate;
    this.#reader = new OrderReader(RED, node, settings, translate);
    const folder = settings.mediaFolder && resolve(userDirOf(RED.settings), settings.mediaFolder);
    this.#files = new MediaFiles(folder, translate);
  }

  /**
   * Never rejects: every way a message can end is in what it returns.
   * @param inFlight how many messages the node holds, this one included
   */
  async send(msg: NodeMessage, inFlight: number, signal: AbortSignal): Promise<Ended> {
    try {
      return await this.#send(msg, inFlight, signal);
    } catch (error) {
      return endedForOne({ openid: "", error }, this.#translate);
    }
  }

  async #send(msg: NodeMessage, inFlight: number, signal: AbortSignal): Promise<Ended> {
    const account = this.#openAccount();
    this.#assertRoom(inFlight);
    // Values are read at once, as they are when the message comes; its place in the queue waits for the messages
    // before it, whose values may take longer to read.
    const previous = this.#previous;
    let queued = () => {};
    const own = new Promise<void>((resolve) => {
      queued = resolve;
    });
    this.#previous = previous.then(() => own);
    const question = { receiving: account.receiving, requestId: requestIdOf(msg) };
    let recipient: string | undefined;
    let answers = this.#settings.passive;
    let ended: Ended | undefined;
    try {
      const { to, task } = await unlessAborted(this.#reader.read(msg, account.aiGenerated), signal);
      answers &&= isReply(task);
      if ("openid" in to) recipient = to.openid;
      await unlessAborted(previous, signal);
      const { client } = account;
      const ready = once(() => this.#files.attach(client, task, signal));
      const round = { account, client, task, ready, requestId: question.requestId, signal };
      ended =
        "list" in to
          ? await this.#toList(round, to.list, inFlight, queued)
          : endedForOne(await this.#toOne(round, to.openid, queued), this.#translate, statusOf(task));
      return ended;
    } finally {
      queued();
      if (answers) letGo(question, recipient, ended?.facts.delivery === "delivered");
    }
  }

  #toOne(round: Round, openid: string, queued: () => void): Promise<Attempt> {
    const { task } = round;
    const passive = this.#settings.passive && isReply(task);
    const sending = passive ? this.#passively(round, openid) : this.#inQueue(round, openid);
    queued();
    return this.#attempt(round, openid, sending);
  }

  async #passively(round: Round, openid: string): Promise<Delivered> {
    const { client, account, requestId } = round;
    const reply = async (task: Task) => {
      if (!isReply(task)) return undefined;
      return replyPassively({ client, receiving: account.receiving, requestId, openid, task }, this.#translate);
    };
    return { way: "customer-service", ...(await this.#inQueue(round, openid, reply)) };
  }

  /** What goes to several cannot go in one request of WeChat's: it is sent by the API, also where the node is passive. */
  async #toList(round: Round, list: readonly Recipient[], inFlight: number, queued: () => void): Promise<Ended> {
    const more = list.length - 1;
    this.#assertRoom(inFlight + more);
    this.#listed += more;
    try {
      const sendings = list.map((recipient): Attempt | Promise<Attempt> => {
        if ("problem" in recipient) {
          return { openid: "", error: inputError(this.#translate, "wechat-oa-send", "listEntry", "recipient") };
        }
        const { openid } = recipient;
        return this.#attempt(round, openid, this.#inQueue(round, openid));
      });
      queued();
      return endedForList(await Promise.all(sendings), this.#translate, statusOf(round.task));
    } finally {
      this.#listed -= more;
    }
  }

  /** @param first another way, tried before WeChat's API */
  #inQueue(
    { account, client, ready, signal }: Round,
    openid: string,
    first?: (task: Task) => Promise<Delivered | undefined>,
  ): Promise<Delivered> {
    const send = async () => {
      const task = await ready();
      return (await first?.(task)) ?? deliver(client, openid, task, { signal });
    };
    return account.queue.run(openid, send, signal);
  }

  async #attempt({ account, task }: Round, openid: string, sending: Promise<Delivered>): Promise<Attempt> {
    const window = () => (task.kind === "typing" ? undefined : windowNow(account, openid));
    try {
      const sent = await sending;
      const found = await window();
      // What arrived shows that the inbox, which calls it closed, has missed what opened it.
      const missed = found?.state === "closed" && task.kind !== "template";
      return { openid, sent, window: missed ? undefined : found };
    } catch (error) {
      return { openid, error, window: await window() };
    }
  }

  #assertRoom(inFlight: number): void {
    if (inFlight + this.#listed <= MAX_IN_FLIGHT) return;
    const parameters = { limit: String(MAX_IN_FLIGHT) };
    throw new QueueFullError(
      this.#translate("wechat-oa-send.errors.queueFull", parameters),
      remedyOf("wechat-oa-send", "queueFull", parameters),
    );
  }

  #openAccount(): Account & { readonly client: WeChatClient } {
    const account = this.#account;
    if (!account) throw inputError(this.#translate, "wechat-oa-send", "noAccount", "account");
    const { client, problem } = account;
    if (client) return { ...account, client };
    // The account's own error, as the account reported it, with the outcome of this message.
    throw problem
      ? problem.withOutcome({ delivery: "not-delivered", parts: [] })
      : inputError(this.#translate, "wechat-oa-send", "noAccount", "account");
  }
}

/** Only a message can be WeChat's answer to a push. */
function isReply(task: Task): task is ReplyTask {
  return task.kind === "text" || task.kind === "message";
}

function statusOf(task: Task): NodeStatus {
  if (task.kind !== "typing") return DELIVERED;
  return task.on ? TYPING_SHOWN : TYPING_ENDED;
}

/** The follower's window after a send, as the inbox knows it; an inbox that fails has told its account already. */
async function windowNow({ inbox }: Account, openid: string): Promise<PlainWindow | undefined> {
  let found: PlainWindow | undefined;
  const asking = inbox?.window(openid).then(
    (window) => {
      found = plainWindow(window);
    },
    () => {},
  );
  if (asking) await within(WINDOW_WAIT, asking);
  return found;
}

/** A function that does its work when first called, and tells all callers how it ended. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
