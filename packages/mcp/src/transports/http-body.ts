import type { IncomingMessage } from "node:http";

/** Bytes of a request at most. The longest text that can be sent is 10 KiB. */
export const MAX_BODY = 1024 * 1024;

/** Why a body is not taken, for the answer. */
export class BodyRefusal extends Error {
  override readonly name = "BodyRefusal";

  constructor(
    readonly status: number,
    /** JSON-RPC's. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Reads a request's body as JSON.
 * @throws BodyRefusal if it is too large or no JSON; what the stream throws, if the client goes away
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyRefusal(400, -32700, "Parse error: the body is no JSON.");
  }
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = Number(request.headers["content-length"] ?? 0);
    const tooLarge = () => {
      // What still comes is read and thrown away, so that the sender gets to read the answer.
      request.removeAllListeners("data").resume();
      reject(new BodyRefusal(413, -32000, `The body has more than ${MAX_BODY} bytes.`));
    };
    if (bytes > MAX_BODY) return tooLarge();
    bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY) tooLarge();
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.once("error", reject);
    request.once("close", () => reject(new Error("The client went away.")));
  });
}
