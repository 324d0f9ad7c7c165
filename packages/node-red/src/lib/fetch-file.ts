/** Why a file was not fetched, by the key of the error's text. */
export type FetchProblem = "fetchStatus" | "fetchTooBig" | "fetchRedirects" | "fetchTimeout" | "fetchConnect";

/** The file, or why it was not fetched; `detail` is an HTTP status or the code of a failed connection. */
export type Fetched = { readonly bytes: Uint8Array } | { readonly problem: FetchProblem; readonly detail: string };

/** What a fetch may take. */
export interface FetchLimits {
  readonly maxBytes: number;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  readonly maxRedirects: number;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether it is an http:// or https:// URL without user and password, which would show in logs. */
export function isWebUrl(value: string | URL): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/**
 * Fetches a file by HTTP, within bounds. What a server says of a failure is not repeated: it may be anything.
 * @param url checked by {@link isWebUrl}
 * @throws the signal's reason, when it aborts
 */
export async function fetchFile(url: URL, limits: FetchLimits, signal: AbortSignal): Promise<Fetched> {
  const late = AbortSignal.timeout(limits.timeout);
  try {
    const response = await follow(url, limits.maxRedirects, AbortSignal.any([signal, late]));
    return response ? await read(response, limits.maxBytes) : { problem: "fetchRedirects", detail: "" };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return late.aborted ? { problem: "fetchTimeout", detail: "" } : { problem: "fetchConnect", detail: codeOf(error) };
  }
}

/** @returns undefined where there are too many redirects, or one to something else */
async function follow(url: URL, maxRedirects: number, signal: AbortSignal): Promise<Response | undefined> {
  let at = url;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    const response = await fetch(at, { redirect: "manual", signal });
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    if (!URL.canParse(location, at)) return undefined;
    at = new URL(location, at);
    if (!isWebUrl(at)) return undefined;
  }
  return undefined;
}

async function read(response: Response, maxBytes: number): Promise<Fetched> {
  const { ok, status, body, headers } = response;
  const tooBig = { problem: "fetchTooBig", detail: String(maxBytes) } as const;
  if (!ok || !body || Number(headers.get("content-length")) > maxBytes) {
    await body?.cancel();
    return ok && body ? tooBig : { problem: "fetchStatus", detail: String(status) };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) return tooBig;
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

/** The code of a failed connection, such as ECONNREFUSED; its words may hold the URL. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : "";
}
