import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answered, ApiAnswer, Endpoint } from "./endpoints/endpoint.js";
import { ENDPOINTS } from "./endpoints.js";
import { type Refusal, refuse } from "./errors.js";
import {
  readRequest,
  resetConnection,
  sendFile,
  sendGatewayError,
  sendHtml,
  sendJson,
  sendTooLarge,
} from "./exchange.js";
import type { Strike } from "./faults.js";
import { FILES_PREFIX } from "./files.js";
import type { Call } from "./ledger.js";
import { LARGEST_UPLOAD } from "./media-formats.js";
import { type ApiRequest, answerForLedger, bodyForLedger, readBody, readFormBody } from "./request.js";
import { maskToken } from "./tokens.js";
import type { World } from "./world.js";

/** More than any JSON this WeChat takes; a larger body is refused unread. */
const LARGEST_JSON = 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const HTML_PAGE =
  "<!DOCTYPE html>\n<html><head><title>WeChat</title></head><body><p>系统维护中 The service is under maintenance.</p></body></html>\n";

/** What is known of a request before its body is read. */
type Head = Omit<ApiRequest, "body" | "raw">;

/** Serves WeChat's API: reads a request, keeps it in the ledger, lets faults strike, answers. */
export class Api {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly world: World) {}

  /** @param path the request's path without its query */
  handle(req: IncomingMessage, res: ServerResponse, path: string, query: URLSearchParams): void {
    const method = req.method ?? "GET";
    const { host = "", "content-type": contentType } = req.headers;
    const head: Head = { method, path, query, address: plainAddress(req.socket.remoteAddress), host, contentType };
    const endpoint = ENDPOINTS.get(path);

    if (method === "GET" || method === "HEAD") {
      req.resume();
      this.process(head, endpoint, EMPTY, res);
      return;
    }
    const length = req.headers["content-length"];
    if (length === undefined) {
      // api.weixin.qq.com answers 412 to a chunked body; Node reads the rest away, so the connection stays usable.
      req.resume();
      this.record(head).httpStatus = 412;
      sendGatewayError(res, 412, "Precondition Failed");
      return;
    }
    if (Number(length) > (endpoint?.form === true ? LARGEST_UPLOAD : LARGEST_JSON)) {
      this.record(head).httpStatus = 413;
      sendTooLarge(req, res, Number(length));
      return;
    }
    readRequest(req, (body) => {
      if (body === undefined) this.record(head).aborted = true;
      else this.process(head, endpoint, body, res);
    });
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private record(head: Head): Call {
    const call = this.world.ledger.addCall(this.world.clock.now(), head.method, head.path.slice(0, 200));
    const token = head.query.get("access_token");
    if (token) {
      call.accessToken = maskToken(token);
      call.appId = this.world.tokens.owner(token)?.appId;
    }
    return call;
  }

  private process(head: Head, endpoint: Endpoint | undefined, raw: Buffer, res: ServerResponse): void {
    const body = endpoint?.form === true ? readFormBody(head.contentType, raw) : readBody(raw);
    const { method, path, query, address, host, contentType } = head;
    const request: ApiRequest = { method, path, query, address, host, contentType, raw, body };
    const call = this.record(head);
    call.body = bodyForLedger(raw, body);
    const json = "json" in body ? body.json : undefined;
    const openid = json?.touser ?? json?.openid ?? head.query.get("openid");
    if (typeof openid === "string") call.openid = openid;
    const appId = head.query.get("appid") ?? json?.appid;
    if (call.appId === undefined && typeof appId === "string") call.appId = appId;

    if (endpoint === undefined) {
      this.file(head, res, call);
      return;
    }
    const strike = this.world.faults.take({ path: head.path, appId: call.appId, openid: call.openid });
    if (strike === undefined) {
      whenAnswered(this.answer(endpoint, request, call), (answer) => this.reply(res, call, request, answer));
      return;
    }
    call.fault = strike.kind;
    const spoil = (answer?: ApiAnswer) =>
      this.later(strike.delayMs, () => this.spoil(res, call, request, strike, answer));
    if (strike.processed) whenAnswered(this.answer(endpoint, request, call), spoil);
    else spoil();
  }

  /** A path that is no endpoint: a file, or nothing. */
  private file(head: Head, res: ServerResponse, call: Call): void {
    const key = head.path.startsWith(FILES_PREFIX) ? head.path.slice(FILES_PREFIX.length) : undefined;
    const file = head.method === "GET" ? this.world.files.get(key) : undefined;
    if (file !== undefined) {
      call.httpStatus = 200;
      sendFile(res, file);
      return;
    }
    call.httpStatus = 404;
    const page = head.path === "/" ? "; its page is /simulator/" : "";
    sendJson(res, JSON.stringify({ error: `the simulator does not have ${head.method} ${call.path}${page}` }), 404);
  }

  private answer(endpoint: Endpoint, request: ApiRequest, call: Call): Answered {
    const taken = request.method === endpoint.method || (endpoint.alsoGet === true && request.method === "GET");
    if (!taken) return refuse(endpoint.method === "GET" ? 43001 : 43002);
    return endpoint.answer(request, this.world, call);
  }

  /** What the caller sees of a struck call. `answer` is the normal one, when the call was processed. */
  private spoil(res: ServerResponse, call: Call, request: ApiRequest, strike: Strike, answer?: ApiAnswer): void {
    this.world.changes.call(call);
    switch (strike.kind) {
      case "busy":
      case "busy-delivered":
      case "token-expired":
      case "token-superseded":
      case "errcode":
        this.reply(res, call, request, refuse(strike.errcode, strike.errmsg));
        return;
      case "reset-before":
      case "reset-after":
        if (res.socket) resetConnection(res.socket);
        return;
      case "stall":
        return;
      case "http-502":
        call.httpStatus = 502;
        sendGatewayError(res, 502, "Bad Gateway");
        return;
      case "html-200":
        call.httpStatus = 200;
        sendHtml(res, 200, HTML_PAGE);
        return;
      case "truncated-json": {
        call.httpStatus = 200;
        if (answer !== undefined && "file" in answer) {
          sendFile(res, answer.file, Math.ceil(answer.file.content.length / 2));
          return;
        }
        const whole = this.write(answer ?? refuse(-1)).json;
        sendJson(res, whole.slice(0, Math.ceil(whole.length / 2)));
        return;
      }
      case "slow":
        if (answer !== undefined) this.reply(res, call, request, answer);
    }
  }

  private reply(res: ServerResponse, call: Call, request: ApiRequest, answer: ApiAnswer): void {
    call.httpStatus = 200;
    this.world.changes.call(call);
    if ("file" in answer) {
      call.errcode = 0;
      sendFile(res, answer.file);
      return;
    }
    const written = this.write(answer);
    call.errcode = written.errcode;
    if (written.errcode === 0) call.answer = answerForLedger(call.path, written.json);
    if (written.rid !== undefined) {
      call.rid = written.rid;
      call.errmsg = written.errmsg;
      this.keepForRid(written.rid, call, request, written.json);
    }
    sendJson(res, written.json);
  }

  /** WeChat keeps a refused call, with its secrets, for openapi/rid/get. */
  private keepForRid(rid: string, call: Call, request: ApiRequest, response: string): void {
    const { appId, time } = call;
    if (appId === undefined) return;
    const { query, address, raw, body } = request;
    const costInMs = Math.max(0, this.world.clock.now() - time);
    const refused = { appId, time, costInMs, url: query.toString(), response, address };
    this.world.rids.add(rid, refused, "form" in body ? EMPTY : raw);
  }

  private write(answer: { readonly json: string } | Refusal): {
    json: string;
    errcode: number;
    errmsg?: string;
    rid?: string;
  } {
    if ("json" in answer) return { json: answer.json, errcode: 0 };
    const { errmsg, rid } = this.world.errmsg(answer);
    const { errcode } = answer;
    return { json: JSON.stringify({ errcode, errmsg }), errcode, errmsg, rid };
  }

  private later(ms: number, action: () => void): void {
    if (ms === 0) {
      action();
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, ms);
    this.timers.add(timer);
  }
}

/** At once where the answer is there: no tick between the calls of a load test. */
function whenAnswered(answer: Answered, done: (answer: ApiAnswer) => void): void {
  if (answer instanceof Promise) void answer.then(done);
  else done(answer);
}

function plainAddress(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");
}
