import { RAPID_RETRY, WeChatClient, type WeChatClientOptions } from "@wechat-offiaccount/core";
import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  type Simulator,
  type SimulatorOptions,
} from "@wechat-offiaccount/simulator";
import { onTestFinished } from "vitest";
import type { Desk } from "./endpoint-cases.js";
import { MESSAGE_MEDIA, MINI_PROGRAM } from "./message-cases.js";

/** The human agent of {@link furnished}. */
export const AGENT = "alice@simulator";
/** The template of {@link furnished}. */
export const TEMPLATE = "tpl-000000000000000000000000000000000000001";

/** A local WeChat that ends with the test. */
export async function simulated(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await createSimulator(options);
  onTestFinished(() => simulator.close());
  return simulator;
}

/** A client of the simulator's first account that ends with the test. */
export function clientOf(simulator: Simulator, options: Partial<WeChatClientOptions> = {}): WeChatClient {
  const client = new WeChatClient({
    appId: DEFAULT_APP_ID,
    appSecret: DEFAULT_APP_SECRET,
    baseUrl: simulator.url,
    busyRetry: RAPID_RETRY,
    tokenRetry: RAPID_RETRY,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** An account with an agent, a template, a callback, a mini program and uploads, and a client of it. */
export async function furnished(options: Partial<WeChatClientOptions> = {}): Promise<Desk> {
  const simulator = await simulated({ replyQuota: false });
  simulator.addAccount({
    appId: DEFAULT_APP_ID,
    secret: DEFAULT_APP_SECRET,
    kfAccounts: [AGENT],
    templates: [{ templateId: TEMPLATE, title: "发货通知", content: "{{first.DATA}} 单号：{{no.DATA}}" }],
    tags: [{ id: 100, name: "VIP" }],
    callback: "http://127.0.0.1:9/wechat",
    linkedMiniPrograms: [MINI_PROGRAM],
  });
  for (const media of MESSAGE_MEDIA) simulator.addMedia(media);
  return { simulator, client: clientOf(simulator, options) };
}

/** The access token that WeChat gives to everyone who asks in normal mode, this client included. */
export async function currentToken({ url }: Simulator): Promise<string> {
  const body = { grant_type: "client_credential", appid: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET };
  const answer = await fetch(`${url}/cgi-bin/stable_token`, { method: "POST", body: JSON.stringify(body) });
  const { access_token } = (await answer.json()) as { access_token: string };
  return access_token;
}

/** Runs `work` for 0 to count - 1 with at most `width` under way. */
export async function inFlight<T>(width: number, count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

/** Paths of all token calls in the ledger. */
export const tokenCalls = ({ ledger }: Simulator): string[] =>
  ledger.calls.map((call) => call.path).filter((path) => path === "/cgi-bin/token" || path === "/cgi-bin/stable_token");
