import type { IncomingMessage, ServerResponse } from "node:http";
import { foreignRequest } from "./browser-guard.js";
import { ACTIONS, type Action } from "./control-actions.js";
import { EventStreams, MOST_STREAMS } from "./events.js";
import { readRequest, sendHtml, sendJson } from "./exchange.js";
import { SimulatorOptionError } from "./options.js";
import { PHONE_FILES, sendMedia, sendPage, sendPhoneFile } from "./phone-files.js";
import type { World } from "./world.js";

export const CONTROL_PREFIX = "/simulator";
const PAGE = "/simulator/";
const EVENTS = "/simulator/events";
const MEDIA = "/simulator/media";
const ACT = "/simulator/act";
const MIB = 1024 * 1024;
const LARGEST_BODY = MIB;
/** A picture or video of 10 MiB, in base64. */
const LARGEST_ACT = 14 * MIB;

/** Serves what is under `/simulator/`: the phone, its events and the control API. */
export class Control {
  private readonly streams: EventStreams;

  constructor(
    private readonly world: World,
    private readonly onLoopback: boolean,
  ) {
    this.streams = new EventStreams(world);
  }

  /** @param path the request's path without its query */
  handle(req: IncomingMessage, res: ServerResponse, path: string, query: URLSearchParams): void {
    const foreign = foreignRequest(req.headers, this.onLoopback);
    if (foreign !== undefined) {
      req.resume();
      sendJson(res, JSON.stringify({ error: foreign }), 403);
      return;
    }
    const isGet = req.method === undefined || req.method === "GET";
    if (isGet && this.served(res, path, query)) {
      req.resume();
      return;
    }
    const methods = ACTIONS[path];
    const action = methods?.[req.method ?? "GET"];
    if (methods === undefined || action === undefined) {
      req.resume();
      const known =
        methods === undefined ? [...Object.keys(ACTIONS), EVENTS].join(", ") : Object.keys(methods).join(", ");
      const error = methods === undefined ? `unknown; there are ${known}` : `use ${known}`;
      sendJson(res, JSON.stringify({ error: `${path}: ${error}` }), methods === undefined ? 404 : 405);
      return;
    }
    const most = path === ACT ? LARGEST_ACT : LARGEST_BODY;
    if (Number(req.headers["content-length"] ?? 0) > most || req.headers["transfer-encoding"] !== undefined) {
      req.resume();
      sendJson(res, JSON.stringify({ error: `send at most ${most} bytes, with Content-Length` }), 413);
      return;
    }
    readRequest(req, (body) => {
      if (body !== undefined) void this.act(req, res, action, body.toString("utf8"), query);
    });
  }

  /** Ends the event streams. */
  close(): void {
    this.streams.close();
  }

  private served(res: ServerResponse, path: string, query: URLSearchParams): boolean {
    try {
      return this.serve(res, path, query);
    } catch (error) {
      sendFailure(res, error);
      return true;
    }
  }

  /** Answers with what is not JSON; false when the path is none of these. */
  private serve(res: ServerResponse, path: string, query: URLSearchParams): boolean {
    if (path === CONTROL_PREFIX) sendHtml(res, 303, "", ["Location", PAGE]);
    else if (path === PAGE) sendPage(res);
    else if (path === MEDIA) sendMedia(res, this.world, query);
    else if (path.startsWith(PHONE_FILES)) sendPhoneFile(res, path.slice(PHONE_FILES.length));
    else if (path !== EVENTS) return false;
    else if (this.streams.size < MOST_STREAMS) this.streams.open(res, query.get("openid") ?? undefined);
    else sendJson(res, JSON.stringify({ error: `${MOST_STREAMS} pages listen already; close one` }), 503);
    return true;
  }

  private async act(
    req: IncomingMessage,
    res: ServerResponse,
    action: Action,
    body: string,
    query: URLSearchParams,
  ): Promise<void> {
    try {
      const result = await action(parse(body), this.world, query);
      if (req.method !== "GET") this.world.changes.state();
      sendJson(res, JSON.stringify(result));
    } catch (error) {
      if (error instanceof SimulatorOptionError) sendJson(res, JSON.stringify({ error: error.message }), 400);
      else sendFailure(res, error);
    }
  }
}

/** A fault of this program, or of what it was given to call: it ends one answer, and not the process. */
function sendFailure(res: ServerResponse, error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  if (res.headersSent) res.destroy();
  else sendJson(res, JSON.stringify({ error: "the simulator failed; its stderr says where" }), 500);
}

function parse(body: string): unknown {
  if (body.trim() === "") return {};
  try {
    return JSON.parse(body);
  } catch {
    throw new SimulatorOptionError(
      "body",
      "it is no JSON; give a JSON object, with double quotes around names and texts",
    );
  }
}
