// A TCP proxy that spoils exchanges. It knows where a request and an answer end, so that each fault strikes one exchange.
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { RESET_AT_ONCE, TIMEOUT } from "./mix.mjs";
import { now } from "./now.mjs";
import { STABLE_TOKEN } from "./paths.mjs";
import { readMark } from "./plan.mjs";

const PAGE = "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>504</body>\r\n</html>\r\n";
const GATEWAY_TIMEOUT = `HTTP/1.1 504 Gateway Time-out\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`;

/** The length of the first whole HTTP message in `bytes`, or undefined while it is not complete. */
function wholeMessage(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [, length = "0"] = /\r\ncontent-length: *(\d+)/i.exec(bytes.latin1Slice(0, end)) ?? [];
  const whole = end + 4 + Number(length);
  return bytes.length >= whole ? whole : undefined;
}

export class Wire {
  #target;
  #random;
  #secureContext;
  #server;
  #port;
  /** Connections to the target, and requests that are held back: what may still arrive. */
  #underWay = new Set();
  #onQuiet = () => {};
  /** What struck which part: lists of kinds by id * 10 + part. */
  #strikes = new Map();
  /** Requests for a token: when each came, and whether a token went back. */
  #tokenCalls = [];
  /** Pairs of a fault and its probability for each request. */
  rates = [];
  /** Hears of each request for a token before it goes on. */
  onTokenCall = () => {};

  /** @param secureContext clients speak TLS; default: they do not */
  constructor(targetPort, random, secureContext) {
    this.#target = targetPort;
    this.#random = random;
    this.#secureContext = secureContext;
  }

  /** What struck since the last time. */
  takeStrikes() {
    const strikes = [...this.#strikes];
    this.#strikes = new Map();
    return strikes;
  }

  /** When requests for a token came that brought none, since the last time. On the clock of now.mjs. */
  takeTokenTrouble() {
    const trouble = this.#tokenCalls.filter(({ brought }) => !brought).map(({ at }) => at);
    this.#tokenCalls = [];
    return trouble;
  }

  async listen(port = 0) {
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = this.#server.address().port;
    return this.#port;
  }

  /** New connections are refused for a while; those that stand are reset. */
  async refuse(ms) {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const link of this.#underWay) link.reset?.();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, ms));
    for (;;) {
      try {
        await this.listen(this.#port);
        return;
      } catch (error) {
        // A connection of somebody else's got the port meanwhile.
        if (error.code !== "EADDRINUSE") throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  /** Resolves when nothing can arrive at the target any more. No client may be sending. */
  async quiet() {
    for (const link of this.#underWay) link.end?.();
    if (this.#underWay.size > 0) await new Promise((resolve) => (this.#onQuiet = resolve));
    this.#onQuiet = () => {};
  }

  async close() {
    await this.quiet();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #over(work) {
    this.#underWay.delete(work);
    if (this.#underWay.size === 0) this.#onQuiet();
  }

  #draw() {
    let chance = this.#random();
    for (const [kind, rate] of this.rates) {
      chance -= rate;
      if (chance < 0) return kind;
    }
    return undefined;
  }

  #accept(socket) {
    socket.on("error", () => {});
    if (this.rates.length > 0 && this.#random() < RESET_AT_ONCE) {
      socket.resetAndDestroy();
      return;
    }
    const link = new Link(socket, this.#secureContext, connect(this.#target, "127.0.0.1"), this.#random, {
      strike: (request) => this.#strike(request),
      tokenCall: (request) => this.#tokenCall(request),
      holdBack: (ms, action) => {
        const held = {};
        this.#underWay.add(held);
        setTimeout(() => {
          action();
          this.#over(held);
        }, ms);
      },
    });
    this.#underWay.add(link);
    link.server.on("close", () => this.#over(link));
  }

  /** Takes note of a request for a token; undefined for any other. */
  #tokenCall(request) {
    if (!request.latin1Slice(0, 100).includes(STABLE_TOKEN)) return undefined;
    this.onTokenCall();
    const call = { at: now(), brought: false };
    this.#tokenCalls.push(call);
    return call;
  }

  #strike(request) {
    const kind = this.#draw();
    const mark = kind && readMark(request.latin1Slice());
    if (mark) {
      const key = mark.id * 10 + mark.part;
      this.#strikes.set(key, [...(this.#strikes.get(key) ?? []), kind]);
    }
    return kind;
  }
}

/** One client's connection and its counterpart to the target. */
class Link {
  #socket;
  #random;
  #wire;
  #request = Buffer.alloc(0);
  #answer = Buffer.alloc(0);
  /** What strikes the answer that is awaited. */
  #kind;
  /** The request for a token that awaits its answer. */
  #tokenCall;
  /** The request is held back: the connection to the target is needed even if the client is gone. */
  #holding = false;

  constructor(socket, secureContext, server, random, wire) {
    const client = secureContext ? new TLSSocket(socket, { isServer: true, secureContext }) : socket;
    // A handshake that is not completed.
    client.on("error", () => this.reset());
    this.#socket = socket;
    this.client = client;
    this.server = server;
    this.#random = random;
    this.#wire = wire;
    server.setNoDelay();
    client.on("data", (chunk) => this.#fromClient(chunk));
    server.on("data", (chunk) => this.#fromServer(chunk));
    // What was written to the target still arrives there when the client is gone.
    client.on("close", () => this.#holding || server.end());
    server.on("error", () => this.reset());
    server.on("end", () => client.end());
  }

  #fromClient(chunk) {
    this.#request = this.#request.length === 0 ? chunk : Buffer.concat([this.#request, chunk]);
    const length = wholeMessage(this.#request);
    if (length === undefined) return;
    const request = this.#request.subarray(0, length);
    this.#request = this.#request.subarray(length);
    this.#tokenCall = this.#wire.tokenCall(request);
    this.#kind = this.#wire.strike(request);
    switch (this.#kind) {
      case "reset before":
        this.reset();
        return;
      case "half a request":
        this.server.write(request.subarray(0, this.#cut(request.length)));
        this.reset();
        return;
      case "late request":
        // The client may have given up long before: its message arrives all the same.
        this.#holding = true;
        this.#wire.holdBack(this.#random() * 2 * TIMEOUT, () => {
          this.#holding = false;
          this.server.write(request);
          if (this.client.destroyed) this.server.end();
        });
        return;
      default:
        this.server.write(request);
    }
  }

  #fromServer(chunk) {
    if (this.#kind === undefined) {
      // Its last field: the answer is whole.
      if (this.#tokenCall && chunk.includes('"expires_in"')) this.#tokenCall.brought = true;
      this.client.write(chunk);
      return;
    }
    this.#answer = Buffer.concat([this.#answer, chunk]);
    if (wholeMessage(this.#answer) === undefined) return;
    const answer = this.#answer;
    const kind = this.#kind;
    this.#answer = Buffer.alloc(0);
    this.#kind = undefined;
    this.#spoil(kind, answer);
  }

  #spoil(kind, answer) {
    const { client } = this;
    const half = answer.subarray(0, this.#cut(answer.length));
    switch (kind) {
      case "reset after":
        this.reset();
        return;
      case "half an answer, reset":
        client.write(half, () => this.reset());
        return;
      case "half an answer, closed":
        client.end(half);
        return;
      case "half an answer, stalled":
        client.write(half);
        return;
      case "answer swallowed":
        return;
      case "504 in its place":
        client.write(GATEWAY_TIMEOUT);
        return;
      case "trickled answer":
        this.#trickle(answer, 1 + Math.floor(this.#random() * 30));
        return;
      case "answer, then closed":
        client.end(answer);
        return;
      case "answer, then reset":
        client.write(answer, () => this.reset());
        return;
      default:
        client.write(answer);
    }
  }

  /** The client is gone; what it wrote still arrives. */
  end() {
    this.client.destroy();
    if (!this.#holding) this.server.end();
  }

  reset() {
    // A socket that has said its end cannot be reset any more: libuv refuses, and it would stay open.
    if (!this.client.writableEnded && !this.#socket.destroyed) this.#socket.resetAndDestroy();
    this.end();
  }

  /** Somewhere in the middle: at least one byte is there, and one is missing. */
  #cut(length) {
    return 1 + Math.floor(this.#random() * (length - 1));
  }

  #trickle(rest, step) {
    if (this.client.destroyed) return;
    this.client.write(rest.subarray(0, step));
    if (rest.length > step) setTimeout(() => this.#trickle(rest.subarray(step), step), 1);
  }
}
