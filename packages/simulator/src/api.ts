import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiAnswer, ENDPOINTS, type Endpoint } from "./endpoints.js";
import { refuse } from "./errors.js";
import { readRequest, resetConnection, sendGatewayError, sendHtml, sendJson, sendTooLarge } from "./exchange.js";
import type { Strike } from "./faults.js";
import type { Call } from "./ledger.js";
import { type ApiRequest, bodyForLedger, readBody } from "./request.js";
import { maskToken } from "./tokens.js";
import type { World } from "./world.js";

/** More than any JSON this WeChat takes; a larger body is refused unread. */
const LARGEST_BODY = 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const HTML_PAGE =
  "<!DOCTYPE html>\n<html><head><title>WeChat</title></head><body><p>系统维护中 The service is under maintenance.</p></body></html>\n";

/** Serves WeChat's API: reads a request, keeps it in the ledger, lets faults strike, answers. */
export class Api {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly world: World) {}

  /** @param path the request's path without its query */
  handle(req: IncomingMessage, res: ServerResponse, path: string, query: URLSearchParams): void {
    const method = req.method ?? "GET";
    const head = { method, path, query, address: plainAddress(req.socket.remoteAddress) };

    if (method === "GET" || method === "HEAD") {
      req.resume();
      this.process(head, EMPTY, res);
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
    if (Number(length) > LARGEST_BODY) {
      this.record(head).httpStatus = 413;
      sendTooLarge(req, res, Number(length));
      return;
    }
    readRequest(req, (body) => {
      if (body === undefined) this.record(head).aborted = true;
      else this.process(head, body, res);
    });
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private record(head: Pick<ApiRequest, "method" | "path" | "query">): Call {
    const call = this.world.ledger.addCall(this.world.clock.now(), head.method, head.path.slice(0, 200));
    const token = head.query.get("access_token");
    if (token) {
      call.accessToken = maskToken(token);
      call.appId = this.world.tokens.owner(token)?.appId;
    }
    return call;
  }

  private process(head: Omit<ApiRequest, "body">, raw: Buffer, res: ServerResponse): void {
    const body = readBody(raw);
    const request: ApiRequest = { ...head, body };
    const call = this.record(head);
    call.body = bodyForLedger(raw, body);
    const json = "json" in body ? body.json : undefined;
    if (typeof json?.touser === "string") call.openid = json.touser;
    const appId = head.query.get("appid") ?? json?.appid;
    if (call.appId === undefined && typeof appId === "string") call.appId = appId;

    const endpoint = ENDPOINTS.get(head.path);
    if (endpoint === undefined) {
      call.httpStatus = 404;
      sendJson(res, JSON.stringify({ error: `the simulator does not have ${head.method} ${call.path}` }), 404);
      return;
    }
    const strike = this.world.faults.take({ path: head.path, appId: call.appId, openid: call.openid });
    if (strike === undefined) {
      this.reply(res, call, this.answer(endpoint, request, call));
      return;
    }
    call.fault = strike.kind;
    const answer = strike.processed ? this.answer(endpoint, request, call) : undefined;
    this.later(strike.delayMs, () => this.spoil(res, call, strike, answer));
  }

  private answer(endpoint: Endpoint, request: ApiRequest, call: Call): ApiAnswer {
    if (request.method !== endpoint.method) return refuse(endpoint.method === "GET" ? 43001 : 43002);
    return endpoint.answer(request, this.world, call);
  }

  /** What the caller sees of a struck call. `answer` is the normal one, when the call was processed. */
  private spoil(res: ServerResponse, call: Call, strike: Strike, answer: ApiAnswer | undefined): void {
    switch (strike.kind) {
      case "busy":
      case "busy-delivered":
      case "token-expired":
      case "token-superseded":
      case "errcode":
        this.reply(res, call, refuse(strike.errcode, strike.errmsg));
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
        const whole = this.write(answer ?? refuse(-1)).json;
        call.httpStatus = 200;
        sendJson(res, whole.slice(0, Math.ceil(whole.length / 2)));
        return;
      }
      case "slow":
        if (answer !== undefined) this.reply(res, call, answer);
    }
  }

  private reply(res: ServerResponse, call: Call, answer: ApiAnswer): void {
    const written = this.write(answer);
    call.httpStatus = 200;
    call.errcode = written.errcode;
    if (written.rid !== undefined) {
      call.rid = written.rid;
      call.errmsg = written.errmsg;
    }
    sendJson(res, written.json);
  }

  private write(answer: ApiAnswer): { json: string; errcode: number; errmsg?: string; rid?: string } {
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

function plainAddress(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:(?=\d+\.)/, "");
}
