import type { OnGone } from "./pending.js";

/** One request, whatever server took it. */
export interface Exchange {
  readonly method: string;
  /** What follows the `?`. */
  readonly search: string;
  /** @throws Refusal if there are more bytes, they stop in the middle, or somebody took them before */
  readonly body: (maxBytes: number) => Promise<Buffer>;
  readonly onGone: OnGone;
}

/** The answer to it. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export function searchOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

export function headersOf({ status, contentType }: Answer): Record<string, string> {
  // The echo of the URL's verification is whatever the request says: no browser shall take it for a page.
  const headers = { "content-type": contentType, "x-content-type-options": "nosniff" };
  return status === 405 ? { ...headers, allow: "GET, POST" } : headers;
}
