import { type Delivery, deliveryOf, type PartResult, WeChatError } from "@wechat-offiaccount/core";
import type { NodeStatus } from "node-red";
import type { Delivered } from "./deliver.js";
import { type Failure, type FailureDetails, failureOf } from "./failure.js";
import type { PlainWindow } from "./plain-window.js";
import { DELIVERED, failureStatus, someFailed } from "./send-status.js";
import { type Bilingual, languageOf, remedyOf, type Translate } from "./texts.js";

/** What a message of the flow came to, in the forms that the flow, the status and the log want. */
export interface Ended {
  /** For `msg.wechat`, as plain JSON. */
  readonly facts: OneOutcome | ListOutcome;
  /** For `msg.payload`; not there where it stays as it is: a failure, and typing. */
  readonly payload?: unknown;
  readonly status: NodeStatus;
  readonly failure?: Failure;
}

/** How it ended at one follower. */
export interface OneOutcome {
  readonly delivery: Delivery;
  readonly parts: readonly PartResult[];
  readonly way?: Delivered["way"];
  /** Where the account has an inbox. */
  readonly window?: PlainWindow;
  readonly error?: FailureDetails;
}

/** How it ended at a list of followers, in the order of the list. */
export interface ListOutcome {
  /** The word for all where they are alike, else `unknown`: sending to the whole list again would reach some twice. */
  readonly delivery: Delivery;
  readonly results: readonly ListResult[];
  readonly error?: FailureDetails;
}

export interface ListResult extends OneOutcome {
  readonly openid: string;
  /** What WeChat answered. */
  readonly answer?: unknown;
}

/** A send to one follower that has ended. */
export interface Attempt {
  readonly openid: string;
  readonly window?: PlainWindow | undefined;
  readonly sent?: Delivered;
  readonly error?: unknown;
}

/** Not all of a list of followers got the message. */
class ListError extends WeChatError {
  readonly code = "WECHAT_LIST";

  constructor(message: string, remedy: Bilingual, delivery: Delivery) {
    // Not the words for one message of unknown outcome: some of the list surely got it, others surely not.
    super(message, remedy, { delivery, instead: remedy });
  }

  override withOutcome(): ListError {
    return this;
  }
}

const TYPE = "wechat-oa-send";

/** @param arrived the status if it arrived */
export function endedForOne(attempt: Attempt, translate: Translate, arrived: NodeStatus = DELIVERED): Ended {
  const { outcome, failure } = outcomeOf(attempt, translate);
  if (failure) return { facts: outcome, status: failureStatus(failure, translate), failure };
  return { facts: outcome, status: arrived, ...answerOf(attempt, "payload") };
}

export function endedForList(
  attempts: readonly Attempt[],
  translate: Translate,
  arrived: NodeStatus = DELIVERED,
): Ended {
  const all = attempts.map((attempt) => ({ attempt, ...outcomeOf(attempt, translate) }));
  const results = all.map(({ attempt, outcome }) => {
    return { openid: attempt.openid, ...outcome, ...answerOf(attempt, "answer") };
  });
  const delivery = deliveryOf(results);
  const failures = all.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (!first) {
    const answers = attempts.flatMap(({ sent }) => (sent && "answer" in sent ? [sent.answer] : []));
    return { facts: { delivery, results }, status: arrived, ...(answers.length > 0 && { payload: answers }) };
  }
  const count = (word: Delivery) => String(results.filter((result) => result.delivery === word).length);
  const parameters = {
    failed: String(failures.length),
    total: String(results.length),
    notDelivered: count("not-delivered"),
    unknown: count("unknown"),
    first: first.details.message,
  };
  const message = translate(`${TYPE}.errors.listFailed`, parameters);
  const error = new ListError(message, remedyOf(TYPE, "listFailed", parameters), delivery);
  const failure = failureOf(error, languageOf(translate, TYPE));
  const status = failures.length === 1 && results.length === 1 ? failureStatus(first, translate) : undefined;
  return {
    facts: { delivery, results, error: failure.details },
    status: status ?? someFailed(parameters, delivery, translate),
    failure,
  };
}

function outcomeOf({ sent, error, window }: Attempt, translate: Translate): { outcome: OneOutcome; failure?: Failure } {
  const seen = window && { window };
  if (sent) {
    const { delivery, parts, way } = sent;
    return { outcome: { delivery, parts, ...(way && { way }), ...seen } };
  }
  const failure = failureOf(error, languageOf(translate, TYPE));
  const { delivery, parts, details } = failure;
  return { outcome: { delivery, parts, ...seen, error: details }, failure };
}

function answerOf<Name extends string>({ sent }: Attempt, name: Name): Partial<Record<Name, unknown>> {
  const found: Partial<Record<Name, unknown>> = {};
  if (sent && "answer" in sent) found[name] = sent.answer;
  return found;
}
