import { joined } from "./bilingual.js";
import type { Delivery, PartResult } from "./delivery.js";
import {
  type Bilingual,
  CLIENT_REMEDY,
  type ErrorKind,
  lookUpErrcode,
  type RetryAdvice,
  readableRemedy,
  TRANSPORT_REMEDY,
} from "./error-catalog.js";
import { redactForeign } from "./redact.js";

/** What every error of ours carries, beside its class's own facts. */
export interface Outcome {
  /** For a send: what became of the message. */
  delivery?: Delivery | undefined;
  /** For a send: what became of each part of the text. */
  parts?: readonly PartResult[] | undefined;
  /** What to consider before anything is done about the cause. */
  first?: Bilingual | undefined;
  /** What to do instead of what the cause alone would ask for. */
  instead?: Bilingual | undefined;
}

/** The codes of WeChat's refusals: of a {@link WeChatApiError} and its subclasses. */
export type ApiErrorCode =
  | "WECHAT_API"
  | "WECHAT_CREDENTIAL"
  | "WECHAT_PERMISSION"
  | "WECHAT_RECIPIENT"
  | "WECHAT_REPLY_WINDOW"
  | "WECHAT_QUOTA"
  | "WECHAT_RATE"
  | "WECHAT_CONTENT"
  | "WECHAT_BUSY";

/** The codes of calls that failed on the way: of a {@link WeChatTransportError}. */
export type TransportErrorCode =
  | "WECHAT_CONNECT"
  | "WECHAT_TIMEOUT"
  | "WECHAT_RESET"
  | "WECHAT_ABORTED"
  | "WECHAT_HTTP_STATUS"
  | "WECHAT_BAD_ANSWER";

/** The codes of this package's errors. */
export type ErrorCode =
  | ApiErrorCode
  | TransportErrorCode
  | "WECHAT_VALIDATION"
  | "WECHAT_TOKEN_SOURCE"
  | "WECHAT_STORE"
  | "WECHAT_NO_AGENT"
  | "WECHAT_CLOSED";

/** The root of all errors thrown by this package. */
export abstract class WeChatError extends Error {
  /** A stable string for programs, such as `WECHAT_REPLY_WINDOW`; packages that build on this one add their own. */
  abstract readonly code: ErrorCode | (string & {});
  /** WeChat's number, where it answered: of a WeChatApiError. */
  declare readonly errcode?: number;
  /** WeChat's request id, where it gave one; WeChat keeps it for 7 days. */
  declare readonly rid?: string;
  /** What to do next, in English and Chinese. */
  readonly remedy: Bilingual;
  /** For a send: what became of the message. */
  declare readonly delivery?: Delivery;
  /** For a send: what became of each part of the text. */
  declare readonly parts?: readonly PartResult[];

  /** @param remedy of the cause; what the outcome asks for is added */
  constructor(message: string, remedy: Bilingual, outcome: Outcome, options?: ErrorOptions) {
    super(message + partsSummary(outcome.parts), options);
    this.name = new.target.name;
    this.remedy = remedyAfter(outcome, remedy);
    if (outcome.delivery) this.delivery = outcome.delivery;
    if (outcome.parts) this.parts = outcome.parts;
  }

  /**
   * The same error with the outcome of one send. A new object, because callers that waited for the same token share
   * the error of its endpoint.
   */
  abstract withOutcome(outcome: Outcome): WeChatError;
}

function partsSummary(parts: readonly PartResult[] = []): string {
  if (parts.length < 2) return "";
  const count = (delivery: Delivery) => parts.filter((part) => part.delivery === delivery).length;
  return ` (of ${parts.length} parts ${count("delivered")} delivered, ${count("not-delivered")} not delivered, ${count("unknown")} unknown)`;
}

/** A text that may have arrived, or of which a part did, must not simply be sent again, whatever the cause. */
function remedyAfter({ delivery, parts = [], first, instead }: Outcome, remedy: Bilingual): Bilingual {
  if (instead) return instead;
  if (first) return remedy === TRANSPORT_REMEDY.safeToRepeat ? first : joined(first, remedy);
  const arrived = parts.filter((part) => part.delivery === "delivered").length;
  const { maybeArrived } = TRANSPORT_REMEDY;
  if (arrived > 0) {
    const cause = remedy === maybeArrived || remedy === TRANSPORT_REMEDY.safeToRepeat ? { en: "", zh: "" } : remedy;
    return {
      en: `${arrived} of ${parts.length} parts arrived: send only the others, which error.parts names. ${cause.en}`.trim(),
      zh: `${parts.length} 条中已有 ${arrived} 条送达：只需补发其余部分（见 error.parts）。${cause.zh}`,
    };
  }
  if (delivery !== "unknown" || remedy === maybeArrived) return remedy;
  return joined(maybeArrived, remedy);
}

/** What WeChat said when it refused a call. */
export interface ApiFacts {
  /** WeChat's number, not 0. */
  errcode: number;
  /** As WeChat sent it; rid and hint are taken out of it. */
  errmsg: string;
  /** Method and path, without query. */
  endpoint: string;
  /** True at the endpoints that hand out tokens, where 40001 speaks of the AppSecret. */
  atTokenEndpoint?: boolean;
  /** Instead of the errcode's own, where this endpoint needs another one. */
  remedy?: Bilingual | undefined;
  /** Values that must not appear in the error. */
  secrets?: readonly (string | undefined)[];
}

const RID = /[\s,]*\brid:\s*([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})/i;
const HINT = /[\s,]*\bhints?:\s*\[\s*([^\]]+?)\s*\]/i;
const WHITE_LIST_IP = /\binvalid ip (\S+?),?(?:\s|$)/i;
const MAX_ERRMSG = 500;

/** WeChat answered with an errcode other than 0. Subclasses say what it is about. */
export class WeChatApiError extends WeChatError {
  readonly code: ApiErrorCode = "WECHAT_API";
  /** WeChat's number. */
  override readonly errcode: number;
  /** WeChat's words, without rid and hint. */
  readonly errmsg: string;
  declare readonly rid?: string;
  /** WeChat's own hint, mostly an opaque word. */
  declare readonly hint?: string;
  /** Method and path of the refused call, without query. */
  readonly endpoint: string;
  /** The address that WeChat does not let in, where its answer named one (40164). */
  declare readonly refusedIp?: string;
  /** What the errcode is about. */
  readonly kind: ErrorKind;
  /** What the errcode means, in English and Chinese. */
  readonly meaning: Bilingual;
  /** Whether, and when, the same call may be made again. */
  readonly retry: RetryAdvice;
  readonly #facts: ApiFacts;

  /** Use {@link apiError}, which picks the subclass. */
  constructor(facts: ApiFacts, outcome: Outcome = {}) {
    const entry = lookUpErrcode(facts.errcode, facts.atTokenEndpoint);
    const raw = redactForeign(facts.errmsg, facts.secrets).replace(/\p{Cc}+/gu, " ");
    const rid = RID.exec(raw)?.[1];
    const hint = HINT.exec(raw)?.[1];
    const errmsg = raw.replace(RID, "").replace(HINT, "").trim().slice(0, MAX_ERRMSG);
    const refusedIp = WHITE_LIST_IP.exec(errmsg)?.[1];
    super(
      `WeChat answered ${facts.errcode} (${entry.meaning.en}) to ${facts.endpoint}: "${errmsg}"${rid ? `, rid ${rid}` : ""}`,
      entry.kind === "busy" && outcome.delivery === "unknown"
        ? TRANSPORT_REMEDY.maybeArrived
        : (facts.remedy ?? readableRemedy(entry, refusedIp)),
      outcome,
    );
    this.errcode = facts.errcode;
    this.errmsg = errmsg;
    if (rid) this.rid = rid;
    if (hint) this.hint = hint;
    if (refusedIp) this.refusedIp = refusedIp;
    this.endpoint = facts.endpoint;
    this.kind = entry.kind;
    this.meaning = entry.meaning;
    this.retry = entry.retry;
    this.#facts = facts;
  }

  override withOutcome(outcome: Outcome): WeChatApiError {
    return apiError(this.#facts, outcome);
  }

  /** The same error where more is known of its cause: what to consider before the errcode's own remedy. */
  withCause(first: Bilingual): WeChatApiError {
    return apiError({ ...this.#facts, remedy: joined(first, this.remedy) });
  }
}

/** AppID, AppSecret or access token were refused. */
export class WeChatCredentialError extends WeChatApiError {
  override readonly code = "WECHAT_CREDENTIAL";
}
/** The account, or this machine's IP address, may not do this. */
export class WeChatPermissionError extends WeChatApiError {
  override readonly code = "WECHAT_PERMISSION";
}
/** This follower cannot be written to: unknown openid, not following, blocked. */
export class WeChatRecipientError extends WeChatApiError {
  override readonly code = "WECHAT_RECIPIENT";
}
/** The time to reply is over (45015) or its replies are used up (45047). */
export class WeChatReplyWindowError extends WeChatApiError {
  override readonly code = "WECHAT_REPLY_WINDOW";
}
/** An allowance of the account is used up, such as the calls of the day (45009). */
export class WeChatQuotaError extends WeChatApiError {
  override readonly code = "WECHAT_QUOTA";
}
/** Too many calls in a minute (45011). */
export class WeChatRateError extends WeChatApiError {
  override readonly code = "WECHAT_RATE";
}
/** WeChat does not accept what was sent: too long, empty, malformed, blocked words. */
export class WeChatContentError extends WeChatApiError {
  override readonly code = "WECHAT_CONTENT";
}
/** WeChat is busy (-1). Whether the message went out is not known. */
export class WeChatBusyError extends WeChatApiError {
  override readonly code = "WECHAT_BUSY";
}

const API_ERROR_CLASS: Record<ErrorKind, new (facts: ApiFacts, outcome?: Outcome) => WeChatApiError> = {
  credential: WeChatCredentialError,
  permission: WeChatPermissionError,
  recipient: WeChatRecipientError,
  "reply-window": WeChatReplyWindowError,
  quota: WeChatQuotaError,
  rate: WeChatRateError,
  content: WeChatContentError,
  busy: WeChatBusyError,
  other: WeChatApiError,
};

/** The error for an errcode, in the class that its kind has. */
export function apiError(facts: ApiFacts, outcome: Outcome = {}): WeChatApiError {
  return new API_ERROR_CLASS[lookUpErrcode(facts.errcode, facts.atTokenEndpoint).kind](facts, outcome);
}

/**
 * How an exchange failed:
 * - `connect`: no connection to the host (DNS, refused, TLS, proxy)
 * - `timeout`: no answer in time
 * - `reset`: the connection broke before the answer was complete
 * - `aborted`: the caller's signal stopped it
 * - `status`: an HTTP status that WeChat's API does not give (5xx, or HTML)
 * - `answer`: an answer that cannot be read (HTML, truncated or foreign JSON, too large)
 */
export type TransportFailure = "connect" | "timeout" | "reset" | "aborted" | "status" | "answer";

const TRANSPORT_CODE: Record<TransportFailure, TransportErrorCode> = {
  connect: "WECHAT_CONNECT",
  timeout: "WECHAT_TIMEOUT",
  reset: "WECHAT_RESET",
  aborted: "WECHAT_ABORTED",
  status: "WECHAT_HTTP_STATUS",
  answer: "WECHAT_BAD_ANSWER",
};

/** How a call failed on the way. */
export interface TransportFacts {
  /** How it failed. */
  reason: TransportFailure;
  /** One line, without URL or secret. */
  message: string;
  /** Whether any byte of the request may have left this machine. */
  sent: boolean;
  /** Whether the end of its body surely did not leave. */
  incomplete?: boolean | undefined;
  /** Whether the answer is larger than is read. */
  tooLarge?: boolean;
  /** The HTTP status, where an answer came. */
  status?: number | undefined;
  /** The foreign error; only its code and its redacted message are kept. */
  cause?: unknown;
  /** Instead of the one that follows from the reason. */
  remedy?: Bilingual | undefined;
}

/** The call failed on the way: no readable answer of WeChat. */
export class WeChatTransportError extends WeChatError {
  /** Says the same as `reason`. */
  readonly code: TransportErrorCode;
  /** How it failed. */
  readonly reason: TransportFailure;
  /** Whether any byte of the request may have left this machine. */
  readonly sent: boolean;
  /**
   * True where only a part of the request left: a file that was broken off. WeChat cannot have taken it, because a
   * request that ends before its Content-Length is not acted on (RFC 9112, 6.3 and 8).
   */
  declare readonly incomplete?: boolean;
  /** True where the answer is larger than is read of one: the same call would bring it again. */
  declare readonly tooLarge?: boolean;
  /** The HTTP status, where an answer came. */
  declare readonly status?: number;
  readonly #facts: TransportFacts;

  constructor(facts: TransportFacts, outcome: Outcome = {}) {
    const options = facts.cause === undefined ? undefined : { cause: plainCause(facts.cause) };
    super(facts.message, transportRemedy(facts, outcome.delivery), outcome, options);
    this.code = TRANSPORT_CODE[facts.reason];
    this.reason = facts.reason;
    this.sent = facts.sent;
    if (facts.incomplete) this.incomplete = true;
    if (facts.tooLarge) this.tooLarge = true;
    if (facts.status !== undefined) this.status = facts.status;
    this.#facts = facts;
  }

  override withOutcome(outcome: Outcome): WeChatTransportError {
    return transportError(this.#facts, outcome);
  }
}

function transportRemedy({ reason, remedy, tooLarge }: TransportFacts, delivery: Delivery | undefined): Bilingual {
  if (remedy) return remedy;
  if (delivery === "unknown") return TRANSPORT_REMEDY.maybeArrived;
  if (reason === "connect") return TRANSPORT_REMEDY.connect;
  if (tooLarge) return TRANSPORT_REMEDY.answerTooLarge;
  if (reason === "status" || reason === "answer") return TRANSPORT_REMEDY.notWeChat;
  return TRANSPORT_REMEDY.safeToRepeat;
}

/** Code and redacted message of a foreign error; the error itself may hold headers, URLs or sockets. */
function plainCause(cause: unknown): Error {
  const source = cause instanceof AggregateError && cause.errors[0] instanceof Error ? cause.errors[0] : cause;
  const plain = new Error(redactForeign(source instanceof Error ? source.message : String(source)));
  const code = source instanceof Error && "code" in source ? source.code : undefined;
  return typeof code === "string" ? Object.assign(plain, { code }) : plain;
}

/** One thing that is wrong with the input. */
export interface InputProblem {
  /** The option, argument or environment variable. */
  readonly field: string;
  /** What is wrong with it, without its value. */
  readonly problem: string;
  /** The same in Chinese, where there are words for it. */
  readonly problemInChinese?: string | undefined;
  /** What to do next, in English and Chinese. */
  readonly remedy: Bilingual;
}

/** A problem told in both languages. */
export const wrong = (field: string, { en, zh }: Bilingual, remedy: Bilingual): InputProblem => ({
  field,
  problem: en,
  problemInChinese: zh,
  remedy,
});

/**
 * The input is wrong; nothing was sent, or of a file that turns out other than stated not all. Tells all that is wrong
 * with it at once.
 */
export class WeChatValidationError extends WeChatError {
  readonly code = "WECHAT_VALIDATION";
  /** The first wrong field. */
  readonly field: string;
  /** All that is wrong, in the order of the fields. */
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly [InputProblem, ...InputProblem[]], outcome: Outcome = {}) {
    const message = problems.map(({ field, problem }) => `${field}: ${problem}`).join("; ");
    const en = problems.map(({ remedy }) => remedy.en).join(" ");
    const zh = problems.map(({ remedy }) => remedy.zh).join("");
    super(message, { en, zh }, outcome);
    this.field = problems[0].field;
    this.problems = problems;
  }

  override withOutcome(outcome: Outcome): WeChatValidationError {
    const [first, ...others] = this.problems;
    return first ? validationError([first, ...others], outcome) : this;
  }
}

/**
 * The caller's own token source failed, the client was closed, an inbox could not be used, or no human agent is online;
 * nothing was sent.
 */
export class WeChatClientError extends WeChatError {
  readonly #message: string;
  readonly #remedy: Bilingual;

  constructor(
    readonly code: "WECHAT_TOKEN_SOURCE" | "WECHAT_STORE" | "WECHAT_NO_AGENT" | "WECHAT_CLOSED",
    message: string,
    remedy: Bilingual,
    outcome: Outcome = {},
  ) {
    super(message, remedy, outcome);
    this.#message = message;
    this.#remedy = remedy;
  }

  override withOutcome(outcome: Outcome): WeChatClientError {
    return clientError(this.code, this.#message, this.#remedy, outcome);
  }
}

// A class that names itself in its own body is given another name by the bundler, which error.name would show.
const transportError = (...facts: ConstructorParameters<typeof WeChatTransportError>) =>
  new WeChatTransportError(...facts);
const validationError = (...facts: ConstructorParameters<typeof WeChatValidationError>) =>
  new WeChatValidationError(...facts);
const clientError = (...facts: ConstructorParameters<typeof WeChatClientError>) => new WeChatClientError(...facts);

/** For a call after close(). */
export function closedError(): WeChatClientError {
  return new WeChatClientError("WECHAT_CLOSED", "This WeChatClient was closed.", CLIENT_REMEDY.closed);
}
