import { createServer, type IncomingHttpHeaders } from "node:http";
import type { Push, Simulator, SimulatorOptions } from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";
import { account, type Caller, start } from "./support.js";

export const TOKEN = "callbackToken";
export const AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

export interface Received {
  method: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What a receiver answers; `hang` never does, `reset` breaks the connection. */
export type Answer = string | { status: number; body: string } | "hang" | "reset";

/** A callback that keeps what comes and answers as told; the GET of the console is given its echostr back. */
export class Receiver {
  readonly got: Received[] = [];
  answer: (request: Received, index: number) => Answer | Promise<Answer> = () => "success";
  private waiting: (() => void)[] = [];
  private constructor(readonly url: string) {}

  static async start(): Promise<Receiver> {
    const server = createServer((req, res) => {
      let body = "";
      req.on("data", (part: Buffer) => {
        body += part.toString();
      });
      req.on("end", async () => {
        const query = new URL(req.url ?? "", "http://x").searchParams;
        const received = { method: req.method ?? "", query, headers: req.headers, body };
        const index = receiver.got.push(received) - 1;
        for (const wake of receiver.waiting.splice(0)) wake();
        const answer = await receiver.answer(received, index);
        if (answer === "reset") req.socket.resetAndDestroy();
        else if (answer !== "hang") {
          res.statusCode = typeof answer === "string" ? 200 : answer.status;
          res.end(typeof answer === "string" ? answer : answer.body);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const receiver = new Receiver(
      `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/wechat?tenant=7`,
    );
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return receiver;
  }

  /** Resolves when `count` requests have come in all. */
  async arrived(count: number): Promise<void> {
    while (this.got.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

export interface Desk {
  caller: Caller;
  sim: Simulator;
  receiver: Receiver;
  /** The push of that number, the last by default. */
  push(index?: number): Push;
}

/** A simulator whose account pushes to a receiver. */
export async function desk(more: Record<string, unknown> = {}, options: SimulatorOptions = {}): Promise<Desk> {
  const receiver = await Receiver.start();
  const accounts = [account({ callback: receiver.url, callbackToken: TOKEN, originalId: "gh_desk", ...more })];
  const caller = await start({ accounts, ...options });
  const push = (index = -1) => {
    const found = caller.sim.ledger.pushes.at(index);
    if (found === undefined) throw new Error("no push");
    return found;
  };
  return { caller, sim: caller.sim, receiver, push };
}

/** The text of an element of XML as WeChat writes it. */
export function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>(?:<!\\[CDATA\\[(.*?)\\]\\]>|([^<]*))</${name}>`, "s")
    .exec(xml)
    ?.slice(1)
    .find((part) => part !== undefined);
}

/** How far a request's time of signing is from this machine's. */
export function secondsFromNow(query: URLSearchParams): number {
  return Math.abs(Number(query.get("timestamp")) - Date.now() / 1000);
}

/** A passive reply to the follower, as the documentation writes it. */
export function reply(to: string, type: string, content: string, from = "gh_desk"): string {
  return `<xml><ToUserName><![CDATA[${to}]]></ToUserName>\n<FromUserName><![CDATA[${from}]]></FromUserName>
<CreateTime>12345678</CreateTime><MsgType><![CDATA[${type}]]></MsgType>${content}</xml>`;
}
