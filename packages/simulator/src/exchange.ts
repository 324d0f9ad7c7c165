import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { StoredFile } from "./files.js";

const JSON_TYPE = "application/json; encoding=utf-8";

/** Reads a request's body; undefined when the caller goes away before it is complete. */
export function readRequest(req: IncomingMessage, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const [only] = chunks;
    done(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks));
  });
  req.on("close", () => {
    if (!req.complete) done(undefined);
  });
  req.on("error", () => {});
}

/** As WeChat answers an API call: HTTP 200, whatever the errcode. */
export function sendJson(res: ServerResponse, json: string, status = 200): void {
  const body = Buffer.from(json);
  res.writeHead(status, ["Content-Type", JSON_TYPE, "Content-Length", String(body.length)]);
  res.end(body);
}

/** As WeChat serves a download. @param bytes how many of them are sent */
export function sendFile(res: ServerResponse, file: StoredFile, bytes = file.content.length): void {
  res.writeHead(200, [
    "Content-Type",
    file.contentType,
    "Content-Disposition",
    `attachment; filename="${file.name}"`,
    "Content-Length",
    String(bytes),
  ]);
  res.end(file.content.subarray(0, bytes));
}

export function sendHtml(res: ServerResponse, status: number, html: string, headers: readonly string[] = []): void {
  const body = Buffer.from(html);
  res.writeHead(status, [
    "Content-Type",
    "text/html; charset=utf-8",
    "Content-Length",
    String(body.length),
    ...headers,
  ]);
  res.end(body);
}

/** The page a gateway in front of the API shows. */
export function sendGatewayError(
  res: ServerResponse,
  status: number,
  title: string,
  headers?: readonly string[],
): void {
  const heading = `${status} ${title}`;
  const html = `<html>\r\n<head><title>${heading}</title></head>\r\n<body>\r\n<center><h1>${heading}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  sendHtml(res, status, html, headers);
}

/** A body up to this size is read away before its refusal, so that the caller gets to see the answer. */
const DISCARDED = 64 * 1024 * 1024;

/** Refuses a body for its size without keeping it. */
export function sendTooLarge(req: IncomingMessage, res: ServerResponse, length: number): void {
  req.resume();
  req.on("error", () => {});
  const refuse = () => sendGatewayError(res, 413, "Request Entity Too Large", ["Connection", "close"]);
  if (length > DISCARDED) refuse();
  else req.on("end", refuse);
}

/** Breaks the connection with a TCP reset. */
export function resetConnection(socket: Socket): void {
  socket.resetAndDestroy();
}
