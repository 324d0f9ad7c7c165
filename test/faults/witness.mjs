// Looks on in a sending process, below core: which requests undici wrote, and whose connection failed. Only undici can tell
// whom a reset of a fresh or an idle connection struck. Preloaded into a sending process, or imported.
import { subscribe } from "node:diagnostics_channel";
import { now } from "./now.mjs";
import { STABLE_TOKEN } from "./paths.mjs";
import { partCountOf, readMark } from "./plan.mjs";

/** Of a connection, not of the one who uses it: what core gives up itself has none of these. */
const CODES = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT"];

/** By id * 10 + part. */
const notes = new Map();
const writtenRequests = new WeakSet();
let tokenTrouble = [];

function noteOf({ body }) {
  const mark = body && readMark(Buffer.from(body).latin1Slice());
  if (!mark) return undefined;
  const key = mark.id * 10 + mark.part;
  if (!notes.has(key)) notes.set(key, { written: 0, struck: [] });
  return notes.get(key);
}

subscribe("undici:client:sendHeaders", ({ request }) => {
  const note = noteOf(request);
  if (note) note.written++;
  writtenRequests.add(request);
});

subscribe("undici:request:error", ({ request, error }) => {
  if (!CODES.includes(error?.code)) return;
  if (request.path.includes(STABLE_TOKEN)) tokenTrouble.push(now());
  noteOf(request)?.struck.push(writtenRequests.has(request) ? "connection broken" : "no connection");
});

/**
 * What was seen of a send, once it has ended, and since the last time.
 * @returns `notes` for each part: how often it was written, and what struck it; `tokenTrouble`: when calls for a token failed
 */
export function takeNotes(id) {
  const ofParts = Array.from({ length: partCountOf(id) }, (_, part) => {
    const note = notes.get(id * 10 + part) ?? { written: 0, struck: [] };
    notes.delete(id * 10 + part);
    return note;
  });
  const seen = { notes: ofParts, tokenTrouble };
  tokenTrouble = [];
  return seen;
}
