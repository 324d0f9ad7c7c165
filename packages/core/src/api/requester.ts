import * as z from "zod";
import { WeChatTransportError } from "../errors.js";
import type { JsonAnswer } from "../transport/answer.js";
import { IncomingFile } from "../transport/incoming-file.js";
import { milliseconds, once, validate } from "../validation.js";
import type { ApiCaller, CallLimits } from "./call.js";
import { DownloadedFile } from "./download.js";
import { type CallTarget, type Endpoint, endpointName, type WireRequest } from "./endpoint.js";
import { REMEDIES } from "./schemas.js";
import { type FileToSend, openUpload } from "./upload.js";
import { endStreamsOf } from "./upload-reader.js";

/** The bounds of one call. */
export interface CallOptions {
  /** Stops the call. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt; where a file moves, without a byte of it. Default: the client's. */
  timeout?: number | undefined;
  /**
   * Milliseconds for the whole call: token and repetitions. Default: the client's, and for an upload one second more
   * for each 100 KB. A download is bounded by it until the file begins to arrive.
   */
  deadline?: number | undefined;
}

/** The client's settings that calls fall back to. */
export interface CallDefaults {
  readonly timeout: number;
  readonly deadline: number;
  readonly retryBusy: boolean;
  readonly atLeastOnce: boolean;
}

export const CALL_OPTIONS = once(() => ({
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, "must be an AbortSignal").optional(),
  timeout: milliseconds.optional(),
  deadline: milliseconds.optional(),
}));
/** The options of a call that takes no others. */
export const ONLY_CALL_OPTIONS = once(() => z.strictObject(CALL_OPTIONS()));

/** A call to an endpoint that has no method here. */
export interface RawRequestOptions extends CallOptions {
  /** Beside the access token, which is added. */
  query?: Record<string, string | number> | undefined;
  /** Sent as JSON. */
  body?: unknown;
}
const RAW = once(() =>
  z.strictObject({
    method: z.enum(["GET", "POST"], "must be GET or POST"),
    path: z.string("must be a string").regex(/^\/[\w./-]+$/, "must be a path such as /cgi-bin/menu/get, without query"),
    query: z.record(z.string(), z.union([z.string(), z.number()], "must hold strings or numbers")).optional(),
    body: z.unknown().optional(),
    ...CALL_OPTIONS(),
  }),
);

/** Bytes a millisecond, at which an upload is given time by default. */
const SLOWEST_UPLOAD = 100;

/** Makes the calls of all resources: input checked, put into WeChat's words, called, answer read. */
export class Requester {
  readonly caller: ApiCaller;
  readonly #defaults: CallDefaults;

  constructor(caller: ApiCaller, defaults: CallDefaults) {
    this.caller = caller;
    this.#defaults = defaults;
  }

  /** The bounds of a call that begins now. */
  limits(options: CallOptions & { retryBusy?: boolean | undefined; atLeastOnce?: boolean | undefined }): CallLimits {
    const defaults = this.#defaults;
    return {
      timeout: options.timeout ?? defaults.timeout,
      endAt: performance.now() + (options.deadline ?? defaults.deadline),
      signal: options.signal,
      retryBusy: options.retryBusy ?? defaults.retryBusy,
      atLeastOnce: options.atLeastOnce ?? defaults.atLeastOnce,
    };
  }

  /** A call to any path, its answer unread. */
  async raw(method: "GET" | "POST", path: string, options: RawRequestOptions): Promise<JsonAnswer> {
    const { query, body, ...checked } = validate(RAW(), { ...options, method, path });
    const target = { method: checked.method, path: checked.path, retry: method === "GET" ? "read" : "write" } as const;
    return this.caller.call(target, { query, body }, this.limits(checked));
  }

  /**
   * @throws WeChatValidationError before anything is sent, WeChatApiError and its subclasses, WeChatTransportError,
   *   WeChatClientError
   */
  async request<Input extends z.ZodType, Answer extends z.ZodType>(
    endpoint: Endpoint<Input, Answer>,
    input: z.input<Input>,
    options: CallOptions = {},
  ): Promise<z.output<Answer>> {
    const { checked, given } = checkedCall(endpoint, input, options);
    const { file } = endpoint;
    if (file !== undefined) {
      return readBy(endpoint, await this.#upload(endpoint, endpoint.wire(checked), file(checked), given));
    }
    return readBy(endpoint, await this.caller.call(endpoint, endpoint.wire(checked), this.limits(given)));
  }

  /**
   * The same where WeChat's answer may be a file.
   * @throws as {@link request}
   */
  async requestFile<Input extends z.ZodType, Answer extends z.ZodType>(
    endpoint: Endpoint<Input, Answer>,
    input: z.input<Input>,
    options: CallOptions = {},
  ): Promise<DownloadedFile | z.output<Answer>> {
    const { checked, given } = checkedCall(endpoint, input, options);
    const limits = this.limits(given);
    const answer = await this.caller.download(endpoint, endpoint.wire(checked), limits);
    return answer instanceof IncomingFile ? new DownloadedFile(answer) : readBy(endpoint, answer);
  }

  async #upload(target: CallTarget, wire: WireRequest, toSend: FileToSend, options: CallOptions): Promise<JsonAnswer> {
    const limits = this.limits(options);
    const file = await openUpload(toSend, limits);
    try {
      const more = options.deadline === undefined ? file.length / SLOWEST_UPLOAD : 0;
      return await this.caller.upload(target, wire, file, { ...limits, endAt: limits.endAt + more });
    } finally {
      file.close();
    }
  }
}

/** Of a call that is refused here nothing is left open: a stream that it would have sent is ended. */
function checkedCall<Input extends z.ZodType>(
  { input: schema, inputRemedies = REMEDIES, file }: Endpoint<Input>,
  input: z.input<Input>,
  options: CallOptions,
) {
  try {
    return { checked: validate(schema, input, inputRemedies, "input"), given: validate(ONLY_CALL_OPTIONS(), options) };
  } catch (error) {
    if (file !== undefined) endStreamsOf(input);
    throw error;
  }
}

function readBy<Answer extends z.ZodType>(endpoint: Endpoint<z.ZodType, Answer>, answer: JsonAnswer): z.output<Answer> {
  const read = endpoint.answer.safeParse(answer);
  if (read.success) return read.data;
  const where = read.error.issues[0]?.path.join(".") || "the answer";
  const message = `${endpointName(endpoint)}: WeChat's answer is not as documented (${where})`;
  throw new WeChatTransportError({ reason: "answer", message, sent: true });
}

/** What hangs on the client as a property: one class a resource of WeChat's. */
export abstract class Resource {
  readonly #requester: Requester;

  /** @internal */
  constructor(requester: Requester) {
    this.#requester = requester;
  }

  protected request<Input extends z.ZodType, Answer extends z.ZodType>(
    endpoint: Endpoint<Input, Answer>,
    input: z.input<Input>,
    options?: CallOptions,
  ): Promise<z.output<Answer>> {
    return this.#requester.request(endpoint, input, options);
  }

  protected requestFile<Input extends z.ZodType, Answer extends z.ZodType>(
    endpoint: Endpoint<Input, Answer>,
    input: z.input<Input>,
    options?: CallOptions,
  ): Promise<DownloadedFile | z.output<Answer>> {
    return this.#requester.requestFile(endpoint, input, options);
  }
}
