/**
 * What became of a push.
 * - `accepted`: the answer was `success` or empty; the phone shows nothing
 * - `replied`: a passive reply is on the phone
 * - `transferred`: the follower was handed to the human agents
 * - `handed-to-ai`: WeChat's own AI answers (transfer_biz_ai_ivr)
 * - `ignored`: a reply came that WeChat does nothing with; `problem` says why
 * - `bad-answer`: `problem` says what was wrong; the phone shows SERVICE_FAILED
 * - `no-answer`: no answer within the limit to any try; the phone shows SERVICE_FAILED
 * - `dropped`, `forged`: by a fault
 * - `stopped`: the simulator was closed
 */
export type PushOutcome =
  | "accepted"
  | "replied"
  | "transferred"
  | "handed-to-ai"
  | "ignored"
  | "bad-answer"
  | "no-answer"
  | "dropped"
  | "forged"
  | "stopped";

/** One request to the callback. */
export interface PushTry {
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly time: number;
  /** Real milliseconds until the answer was complete or the connection ended; undefined while it is under way. */
  latencyMs?: number;
  /** HTTP status of the answer. */
  status?: number;
  /** The first 2000 characters of what came back, as it came. */
  answer?: string;
  /** Why there is no answer: `timeout`, `stopped`, or a code such as `ECONNREFUSED`. */
  error?: string;
  /** An attacker's: the very request of the try before once more. Its answer reaches nobody. */
  readonly replay?: true;
}

/** One message or event, and its way to the callback. Holds no token, key or signature. */
export interface Push {
  readonly id: number;
  /** Milliseconds since 1970 on the simulator's clock. */
  readonly time: number;
  readonly appId: string;
  readonly openid: string;
  readonly msgType: string;
  /** Of an event. */
  readonly event?: string;
  /** Of a message. The same in all tries. */
  readonly msgId?: string;
  /** The plain XML or JSON, whatever the mode. */
  readonly body: string;
  /** In the order they began. */
  readonly tries: readonly PushTry[];
  /** Undefined while the push is under way. */
  outcome?: PushOutcome;
  /** In words, what was wrong with the answer. */
  problem?: string;
  /** The kind of the fault that struck. */
  fault?: string;
}

/** What the phone shows when the callback fails: the wording of the official page on passive replies (被动回复用户消息). */
export const SERVICE_FAILED = "该公众号暂时无法提供服务，请稍后再试";
