import {
  createClock,
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
  type SimulatorOptions,
} from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** 10:00 in China. */
export const MORNING = Date.UTC(2026, 10, 22, 2);

export const RID = /rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})$/;

export interface Answer {
  errcode?: number;
  errmsg?: string;
  access_token?: string;
  expires_in?: number;
}

/** A caller of the simulator that knows HTTP and nothing of WeChat's rules. */
export class Caller {
  constructor(readonly sim: Simulator) {}

  async json(path: string, init?: RequestInit): Promise<Answer> {
    const answer = await fetch(this.sim.url + path, init);
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
    return (await answer.json()) as Answer;
  }

  classic(query: Record<string, string> = {}): Promise<Answer> {
    const all = { grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...query };
    return this.json(`/cgi-bin/token?${new URLSearchParams(all)}`);
  }

  stable(body: Record<string, unknown> = {}): Promise<Answer> {
    const all = { grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...body };
    return this.json("/cgi-bin/stable_token", { method: "POST", body: JSON.stringify(all) });
  }

  async token(appid: string = DEFAULT_APP_ID, secret: string = DEFAULT_APP_SECRET): Promise<string> {
    return (await this.stable({ appid, secret })).access_token ?? "";
  }

  post(path: string, token: string, body: unknown): Promise<Answer> {
    const raw = typeof body === "string" ? body : JSON.stringify(body);
    return this.json(`${path}?access_token=${token}`, { method: "POST", body: raw });
  }

  send(token: string, body: unknown): Promise<Answer> {
    return this.post("/cgi-bin/message/custom/send", token, body);
  }

  /** Whether the send API takes a token: 0, or the code it refuses it with. */
  async judge(token: string | undefined): Promise<number | undefined> {
    this.sim.interact(DEFAULT_FOLLOWER, "message");
    return (await this.send(token ?? "", text("?"))).errcode;
  }
}

export function text(content: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { touser: DEFAULT_FOLLOWER, msgtype: "text", text: { content }, ...more };
}

/** A simulator whose clock stands still at MORNING; it is closed after the test. */
export async function start(options: SimulatorOptions = {}): Promise<Caller> {
  const sim = await createSimulator({ clock: createClock(MORNING), ...options });
  onTestFinished(() => sim.close());
  return new Caller(sim);
}

export function account(more: Record<string, unknown> = {}) {
  return { appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET, ...more };
}
