import type { IncomingMessage as HttpRequest, ServerResponse } from "node:http";
import { BODY_WITHIN, BoundedBody } from "./bounded-body.js";
import { type Answer, type Exchange, headersOf, searchOf } from "./exchange.js";
import { Refusal } from "./refusals.js";

/** A request of node:http; Express and its body parsers add `body`. */
export type NodeRequest = HttpRequest & {
  /** What a body parser left: text or bytes are read; with anything else the request is refused (`body-taken`). */
  readonly body?: unknown;
};

/** Answers a request of node:http. */
export async function answerNode(
  request: NodeRequest,
  response: ServerResponse<HttpRequest>,
  answer: (exchange: Exchange) => Promise<Answer>,
): Promise<void> {
  const { method = "", url = "" } = request;
  // A connection that breaks ends the request; there is nobody left to tell.
  response.on("error", ignored);
  const answered = await answer({
    method,
    search: searchOf(url),
    body: (maxBytes) => bodyOf(request, maxBytes),
    onGone: (listener) => (response.destroyed ? listener() : response.once("close", listener)),
  });
  if (response.headersSent || response.destroyed) return;
  const { status, body } = answered;
  response.writeHead(status, { ...headersOf(answered), "content-length": Buffer.byteLength(body) });
  response.end(body);
}

const ignored = () => {};

async function bodyOf(request: NodeRequest, maxBytes: number): Promise<Buffer> {
  const { body } = request;
  if (typeof body === "string" || body instanceof Uint8Array) {
    const whole = new BoundedBody(maxBytes);
    whole.add(typeof body === "string" ? Buffer.from(body) : body);
    return whole.whole();
  }
  // A body parser that does not care for the type leaves {} and the body unread.
  if (request.readableDidRead) throw new Refusal("body-taken");
  if (request.destroyed) throw new Refusal("incomplete");
  return read(request, maxBytes);
}

function read(request: HttpRequest, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const body = new BoundedBody(maxBytes);
    // Ends it with "close".
    const timer = setTimeout(() => request.destroy(), BODY_WITHIN);
    const settle = () => {
      clearTimeout(timer);
      try {
        resolve(body.whole());
      } catch (error) {
        reject(error);
      }
    };
    request.on("data", (chunk: Buffer) => {
      body.add(chunk);
      // The answer goes out at once; what still comes is read and thrown away.
      if (body.tooLarge) settle();
      if (body.endless) request.destroy();
    });
    request.once("end", settle);
    request.once("error", () => reject(new Refusal("incomplete")));
    request.once("close", () => {
      clearTimeout(timer);
      // It comes after every request, and to make an error takes longer than to read the body.
      if (!request.readableEnded) reject(new Refusal("incomplete"));
    });
  });
}
