import { type Inbox, isOpenid, type PartResult, type ReplyWindow } from "@wechat-offiaccount/core";
import type { Audit } from "../safety/audit.js";
import { type ConfirmMode, confirmDecision } from "../safety/confirmation.js";
import { withUnseenNamed } from "../safety/foreign-text.js";
import type { IdempotencyKeys, KeyedCall, Known, Won } from "../safety/idempotency.js";
import type { RateLimiter } from "../safety/rate.js";
import type { RecipientPolicy } from "../safety/recipients.js";
import { within } from "../within.js";
import {
  auditFailure,
  closedFailure,
  confirmFailure,
  keyFailure,
  openidFailure,
  rateFailure,
  recipientFailure,
  sendFailure,
} from "./failure.js";
import { partsOf, type ToolResult, toolOutcome } from "./result.js";
import type { Question, ToolCall, ToolOutcome } from "./tool.js";
import { viewOfWindow } from "./window-view.js";

type SendOutcome = ToolOutcome<ToolResult>;

/** What a tool wants to do to a follower, its arguments being of the right form. */
export interface Order {
  readonly tool: string;
  readonly openid: string;
  /** Who may get what this tool does. */
  readonly policy: RecipientPolicy;
  /** Whether WeChat refuses it where the follower has not acted lately; a template message needs no interaction. */
  readonly needsInteraction: boolean;
  /** Whether doing it twice is the same as doing it once, so that it may be called again whatever became of it. */
  readonly repeatable?: boolean;
  /** The arguments that make it what it is: what must be the same for the same idempotency key. */
  readonly request: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /**
   * Checks the content and says what would go out.
   * @throws WeChatValidationError
   */
  plan(): Plan;
}

/** What would go out. */
export interface Plan {
  /** What the follower would read, message by message; of what is not read, a description. */
  readonly parts: readonly string[];
  /** How many messages it is; 0: none. For the operator's limits each call is one at least. */
  readonly messages: number;
  /** How many of the replies that WeChat allows it takes. */
  readonly replies: number;
  /** What a person is asked to agree to; absent: nobody is asked, because nothing is said. */
  readonly question?: string | undefined;
  /**
   * What a dry run shows in place of the parts, where WeChat has to be asked for it; changes nothing.
   * @throws WeChatError
   */
  rehearse?(signal: AbortSignal | undefined): Promise<readonly string[]>;
  /**
   * Does it.
   * @throws WeChatError with `delivery`, unless it is repeatable
   */
  carryOut(
    signal: AbortSignal | undefined,
  ): Promise<{ readonly parts: readonly PartResult[]; readonly message: string }>;
}

/** What WeChat took as one message. */
export const DONE: readonly PartResult[] = [{ index: 0, delivery: "delivered", errcode: 0 }];

/** What a tool that writes is called with, beside its arguments. */
export interface SendingContext<Client> {
  readonly client: Client;
  /** Who may get what it does. */
  readonly policy: RecipientPolicy;
  readonly guards: Guards;
}

/** As {@link SendingContext}, for messages that WeChat can label. */
export interface LabelledContext<Client> extends SendingContext<Client> {
  /** Whether messages carry WeChat's label for AI content. */
  readonly aiLabel: boolean;
}

/** The guards of one account, as the operator set them. */
export interface Guards {
  readonly dryRun: boolean;
  readonly confirm: ConfirmMode;
  readonly rate: RateLimiter;
  readonly keys: IdempotencyKeys<ToolResult>;
  /** Absent: no log is kept. */
  readonly audit?: Pick<Audit, "ready"> | undefined;
  /** Knows the follower's reply window. */
  readonly inbox?: Pick<Inbox, "window"> | undefined;
  /** Whether the server has the tool for template messages, which reach followers whose window is closed. */
  readonly hasTemplates?: boolean;
}

/**
 * The one way out to a follower, for every tool and transport: is the key known, content, recipient, window, dry run,
 * confirmation, audit, key taken, rate, in this order, then the send. Never throws.
 */
export async function carryOut(order: Order, guards: Guards, call: ToolCall): Promise<SendOutcome | Question> {
  let plan: Plan;
  try {
    const earlier = await earlierResult(order, guards);
    if (earlier) return earlier;
    plan = order.plan();
    const refusal = await refusalOf(order, plan, guards);
    if (refusal) return refusal;
  } catch (error) {
    return sendFailure(error, { sent: false, plan: [] });
  }
  if (order.dryRun || guards.dryRun) return dryRun(plan, !order.dryRun, call.signal);
  if (plan.question !== undefined) {
    const decision = confirmDecision(guards.confirm, call.confirmation ?? "unsupported");
    if (decision.step === "stop") return confirmFailure(decision);
    if (decision.step === "ask") return { question: withUnseenNamed(plan.question) };
  }
  if (guards.audit && !(await guards.audit.ready())) return auditFailure();
  return held(order, plan, guards, call.signal);
}

/** The result of the same call under the same key; a dry run has none. */
async function earlierResult(order: Order, { keys, dryRun }: Guards): Promise<SendOutcome | undefined> {
  const keyed = keyedCall(order);
  if (!keyed || order.dryRun || dryRun) return undefined;
  const known = await keys.find(keyed);
  return known && outcomeOfKnown(known);
}

const outcomeOfKnown = (known: Known<ToolResult>): SendOutcome =>
  known.state === "done" ? toolOutcome({ ...known.result, duplicate: true }) : keyFailure(known);

async function refusalOf(order: Order, plan: Plan, guards: Guards): Promise<SendOutcome | undefined> {
  if (!isOpenid(order.openid)) return openidFailure();
  const decision = await order.policy.decide(order.openid, plan.replies);
  if (!decision.allowed) return recipientFailure(decision);
  const window = await windowOf(order, guards);
  if (!window?.certain) return undefined;
  const certain = window.certain === "unsubscribed" || order.needsInteraction;
  return certain ? closedFailure(window.certain, window, guards.hasTemplates ?? false) : undefined;
}

/** Milliseconds for a look at the window, which tells more and decides little. */
const LOOK = 500;

/** Undefined where there is no inbox, or it cannot be read in time: only what is certain keeps a message from being sent. */
async function windowOf({ openid }: Order, { inbox }: Guards): Promise<ReplyWindow | undefined> {
  return inbox && within(LOOK, inbox.window(openid));
}

/** With key and places taken, which are given back where nothing was sent. */
async function held(order: Order, plan: Plan, guards: Guards, signal?: AbortSignal): Promise<SendOutcome> {
  const keyed = keyedCall(order);
  let key: Won<ToolResult> | undefined;
  try {
    const claim = keyed && (await guards.keys.claim(keyed));
    if (claim && claim.state !== "won") return outcomeOfKnown(claim);
    key = claim;
  } catch (error) {
    return sendFailure(error, { sent: false, plan: [] });
  }
  // What sends no message calls WeChat all the same, and would run in a loop as well.
  const counted = Math.max(1, plan.messages);
  const places = await guards.rate.take(order.openid, counted);
  if (!places.allowed) {
    await key?.release().catch(() => {});
    return rateFailure(places, counted);
  }
  const outcome = await send(order, plan, guards, signal);
  const { structuredContent: result } = outcome;
  if (result.delivery === "not-delivered") {
    // What WeChat refused counts: else a loop of refused calls would have no brake.
    const asked = result.errcode !== undefined;
    await Promise.allSettled([key?.release(), asked ? undefined : places.release()]);
  } else {
    // A key that cannot be settled stays begun: the same call is then not made again, which is the safe side.
    await key?.settle(result).catch(() => {});
  }
  return outcome;
}

async function send(order: Order, plan: Plan, guards: Guards, signal?: AbortSignal): Promise<SendOutcome> {
  try {
    const { parts, message } = await plan.carryOut(signal);
    const window = await windowOf(order, guards);
    return toolOutcome({
      status: "sent",
      delivery: "delivered",
      parts: partsOf(parts),
      message,
      ...(window && { window: viewOfWindow(window) }),
    });
  } catch (error) {
    return sendFailure(error, { sent: true, plan: plan.parts, repeatable: order.repeatable ?? false });
  }
}

const keyedCall = ({ tool, request, idempotencyKey }: Order): KeyedCall | undefined =>
  idempotencyKey === undefined ? undefined : { key: idempotencyKey, request: [tool, request] };

async function dryRun(plan: Plan, byOperator: boolean, signal: AbortSignal | undefined): Promise<SendOutcome> {
  let parts = plan.parts;
  try {
    if (plan.rehearse) parts = await plan.rehearse(signal);
  } catch (error) {
    return sendFailure(error, { sent: false, plan: [] });
  }
  const because = byOperator ? ", because the operator set WECHAT_MCP_DRY_RUN" : "";
  return toolOutcome({
    status: "dry-run",
    delivery: "not-delivered",
    parts: parts.map((text, index) => ({ index, delivery: "not-delivered", text })),
    message: `Dry run: nothing was sent${because}. It would be ${inWords(plan.messages)}.`,
  });
}

const inWords = (messages: number) => (messages === 1 ? "1 message" : `${messages || "no"} messages`);
