import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";

/** More than any reply has; the rest of a longer answer is not read, which makes it a bad one. */
const LONGEST_ANSWER = 1024 * 1024;

/** What came back from the callback, or why nothing did. */
export type CallResult =
  | { readonly status: number; readonly body: string }
  | { readonly error: "timeout" | "stopped" | string };

/**
 * One request to the callback, on a connection of its own, as WeChat makes it. Redirects are not followed.
 * @param signal cuts the connection; its reason is the error
 */
export function call(url: URL, options: RequestOptions, body: string, signal: AbortSignal): Promise<CallResult> {
  return new Promise((resolve) => {
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    const headers = { "User-Agent": "Mozilla/4.0", Accept: "*/*", ...options.headers };
    let sent: ClientRequest | undefined;
    const cut = () => end({ error: String(signal.reason) });
    const end = (result: CallResult) => {
      signal.removeEventListener("abort", cut);
      resolve(result);
      sent?.destroy();
    };
    if (signal.aborted) {
      cut();
      return;
    }
    signal.addEventListener("abort", cut);
    sent = request(url, { ...options, headers, agent: false }, (answer) => read(answer, end));
    sent.on("error", (error: NodeJS.ErrnoException) => end({ error: error.code ?? error.message }));
    sent.end(body);
  });
}

/** Real milliseconds until a connection stands; undefined when none comes about. */
export function connectTime(host: string, port: number, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    const start = performance.now();
    const socket = connect({ host, port });
    const end = (ms?: number) => {
      signal.removeEventListener("abort", cut);
      socket.destroy();
      resolve(ms);
    };
    const cut = () => end();
    signal.addEventListener("abort", cut);
    socket.once("connect", () => end(performance.now() - start));
    socket.once("error", cut);
  });
}

function read(answer: IncomingMessage, end: (result: CallResult) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const done = () => end({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
  answer.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_ANSWER) done();
  });
  answer.on("end", done);
  answer.on("error", () => end({ error: "ECONNRESET" }));
}
