import { BODY_WITHIN, BoundedBody } from "./bounded-body.js";
import { type Answer, type Exchange, headersOf, searchOf } from "./exchange.js";
import { Refusal } from "./refusals.js";

/** Answers a web-standard request. */
export async function answerWeb(request: Request, answer: (exchange: Exchange) => Promise<Answer>): Promise<Response> {
  const { method, url, signal } = request;
  const answered = await answer({
    method,
    search: searchOf(url),
    body: (maxBytes) => bodyOf(request, maxBytes),
    onGone: (listener) => (signal.aborted ? listener() : signal.addEventListener("abort", listener, { once: true })),
  });
  return new Response(answered.body, { status: answered.status, headers: headersOf(answered) });
}

async function bodyOf(request: Request, maxBytes: number): Promise<Buffer> {
  if (request.bodyUsed || request.body?.locked) throw new Refusal("body-taken");
  const body = new BoundedBody(maxBytes);
  const reader = request.body?.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader?.cancel().catch(() => {});
  }, BODY_WITHIN);
  try {
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
      body.add(read.value);
      if (body.endless) await reader?.cancel();
    }
  } catch {
    throw new Refusal("incomplete");
  } finally {
    clearTimeout(timer);
  }
  if (late) throw new Refusal("incomplete");
  return body.whole();
}
