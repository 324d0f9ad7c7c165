import type * as z from "zod";
import type { Bilingual } from "../error-catalog.js";
import type { FieldRemedies } from "../validation.js";
import { once } from "../validation.js";
import type { FileToSend } from "./upload.js";

/** What of one call goes on the wire, beside method, path and access token. */
export interface WireRequest {
  /** Put behind the access token. */
  readonly query?: Readonly<Record<string, string | number>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Fields of the form beside its file. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The AppSecret, where the body holds it and no access token is asked for; no error shows it. */
  readonly secret?: string;
}

/**
 * What may be repeated without the caller's wish, beside a call whose access token was refused (a file out of a
 * stream is never sent twice):
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
  /** What to do about a wrong field of it. Default: what is said of these fields everywhere. */
  readonly inputRemedies?: FieldRemedies;
  /** Puts it into WeChat's words. */
  readonly wire: (input: z.output<Input>) => WireRequest;
  /** The file of its input that is sent in a form, and what it may be. */
  readonly file?: (input: z.output<Input>) => FileToSend;
  /** Reads WeChat's answer and puts it into ours. */
  readonly answer: Answer;
  /** What to say of a write that may have been done. Default: to look at what is there. */
  readonly maybeDone?: Bilingual;
  /** What to do after an errcode, where the catalogue's remedy does not fit this endpoint. */
  readonly remedies?: Readonly<Record<number, Bilingual>>;
  /** Bytes of a JSON answer that are read at most. Default 1 MiB. */
  readonly maxAnswerBytes?: number;
  /** What WeChat bounds. */
  readonly limits?: string;
  /** Errcodes that are particular to it. */
  readonly errcodes?: readonly number[];
  /** WeChat's page that describes it. */
  readonly source: string;
}

/** Where a call goes, and what has to be known of it when it fails. */
export type CallTarget = Pick<Endpoint, "method" | "path" | "retry" | "maybeDone" | "remedies" | "maxAnswerBytes">;

/** An endpoint as it is written down: its schemas are made when they are first used. */
type Written<Input extends z.ZodType, Answer extends z.ZodType> = Omit<Endpoint<Input, Answer>, "input" | "answer"> & {
  readonly input: () => Input;
  readonly answer: () => Answer;
};

/** An endpoint value with its types inferred. */
export function endpoint<Input extends z.ZodType, Answer extends z.ZodType>(
  written: Written<Input, Answer>,
): Endpoint<Input, Answer> {
  const input = once(written.input);
  const answer = once(written.answer);
  return {
    ...written,
    get input() {
      return input();
    },
    get answer() {
      return answer();
    },
  };
}

/** What errors call it: method and path. */
export const endpointName = ({ method, path }: Pick<CallTarget, "method" | "path">): string => `${method} ${path}`;
