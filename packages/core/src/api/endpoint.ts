import type * as z from "zod";

/** What of one call goes on the wire, beside method, path and access token. */
export interface WireRequest {
  /** Put behind the access token. */
  readonly query?: Readonly<Record<string, string | number>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/**
 * What may be repeated without the caller's wish, beside a call whose access token was refused:
 * - `send`: only after -1, because WeChat cannot recognise a repetition and its user would get the message twice;
 * - `write`: only after -1;
 * - `read`: after -1, a broken connection, a timeout and an unreadable answer.
 */
export type RetryClass = "send" | "write" | "read";

/** What is known of one of WeChat's endpoints, as a value that code, documentation and tests read. */
export interface Endpoint<Input extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> {
  /** Resource and method, such as `sessions.create`. */
  readonly name: string;
  /** The HTTP method. */
  readonly method: "GET" | "POST";
  /** Such as `/cgi-bin/user/info`, without query. */
  readonly path: string;
  /** What may be repeated. */
  readonly retry: RetryClass;
  /** Checks what the caller gives. */
  readonly input: Input;
  /** Puts it into WeChat's words. */
  readonly wire: (input: z.output<Input>) => WireRequest;
  /** Reads WeChat's answer and puts it into ours. */
  readonly answer: Answer;
  /** What WeChat bounds. */
  readonly limits?: string;
  /** Errcodes that are particular to it. */
  readonly errcodes?: readonly number[];
  /** WeChat's page that describes it. */
  readonly source: string;
}

/** An endpoint value with its types inferred. */
export function endpoint<Input extends z.ZodType, Answer extends z.ZodType>(
  value: Endpoint<Input, Answer>,
): Endpoint<Input, Answer> {
  return value;
}

/** What errors call it: method and path. */
export const endpointName = ({ method, path }: Pick<Endpoint, "method" | "path">): string => `${method} ${path}`;
