import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import {
  Callback,
  type DiagnosisCheck,
  WeChatClient,
  type WeChatClientOptions,
  WeChatError,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import { RedisTokenStore } from "@wechat-offiaccount/core/redis";
import type { InboxPlace } from "./account-inbox.js";
import { accountOptions, type CallbackSettings, receiveOptions } from "./account-settings.js";
import type { DialogSettings } from "./dialog-settings.js";
import { type Bilingual, inEnglish, textsOf } from "./texts.js";

const TYPE = "wechat-oa-account";
/** Milliseconds for one call, and for all of them. */
const TIMEOUT = 5_000;
const DEADLINE = 20_000;

const NOTHING: TestResult = { ok: true, lines: [] };

/** One line of the result. */
export type TestLine = Pick<DiagnosisCheck, "status" | "title" | "finding" | "remedy">;

/** What the dialog shows. */
export interface TestResult {
  /** Whether nothing failed, and nothing was left out for want of time. */
  readonly ok: boolean;
  readonly lines: readonly TestLine[];
}

/** Runs core's diagnosis with the settings of a dialog, and looks whether its Redis answers. It changes nothing. */
export async function testConnection(
  { settings, problem, conceal }: DialogSettings,
  userDir: string,
  signal: AbortSignal,
): Promise<TestResult> {
  if (problem) return shown(faultsOf(problem), conceal);
  const sending = accountOptions(settings, inEnglish);
  if ("problem" in sending) return shown(faultsOf(sending.problem), conceal);
  const { options } = sending;
  const receiving = receiveOptions(settings, userDir, inEnglish);
  const results = await Promise.all([
    diagnosis(options, signal),
    ...("problem" in receiving
      ? [faultsOf(receiving.problem)]
      : [redis(receiving.inbox), file(receiving.inbox), callback(options.appId, receiving.callback)]),
  ]);
  return shown({ ok: results.every(({ ok }) => ok), lines: results.flatMap(({ lines }) => lines) }, conceal);
}

async function diagnosis(options: WeChatClientOptions, signal: AbortSignal): Promise<TestResult> {
  let client: WeChatClient;
  try {
    client = new WeChatClient(options);
  } catch (error) {
    if (error instanceof WeChatValidationError) return faultsOf(error);
    throw error;
  }
  try {
    const { ok, checks } = await client.diagnose({ signal, timeout: TIMEOUT, deadline: DEADLINE });
    return { ok, lines: checks };
  } finally {
    await client.close();
  }
}

/** What keeps the settings from being tried. */
function faultsOf({ problems }: WeChatValidationError): TestResult {
  const lines = problems.map(({ field, problem, problemInChinese = problem, remedy }): TestLine => {
    const finding = { en: problem, zh: problemInChinese };
    return { status: "failed", title: labelOf(field), finding, remedy };
  });
  return { ok: false, lines };
}

function labelOf(field: string): Bilingual {
  // Core's name of the callback's token differs from the dialog's.
  const { en, zh } = textsOf(TYPE, `label.${field === "token" ? "callbackToken" : field}`);
  return { en: en || field, zh: zh || field };
}

/** Whether core would take the callback's token and key. */
async function callback(appId: string, settings: CallbackSettings | undefined): Promise<TestResult> {
  if (!settings) return NOTHING;
  const { token, encodingAESKey } = settings;
  try {
    const mode = encodingAESKey === undefined ? "plain" : "safe";
    const never = { receive: async () => "new" as const, emitted: async () => {}, takeAbandoned: async () => [] };
    const tried = new Callback({ appId, token, encodingAESKey, mode, inbox: never, onMessage() {}, onError() {} });
    await tried.close(0);
    return NOTHING;
  } catch (error) {
    if (error instanceof WeChatValidationError) return faultsOf(error);
    throw error;
  }
}

/** Whether the inbox's file can be written, or made where it is not there yet; nothing is made. */
async function file(inbox: InboxPlace): Promise<TestResult> {
  if (inbox.store !== "sqlite") return NOTHING;
  try {
    const existing = await nearest(inbox.path);
    await access(existing, constants.R_OK | constants.W_OK);
    const isThere = existing === inbox.path;
    if ((await stat(existing)).isDirectory() !== isThere) return NOTHING;
    throw new Error(isThere ? "EISDIR" : "ENOTDIR");
  } catch (error) {
    const problem = /\b[A-Z]{5,}\b/.exec(String(error))?.[0] ?? "?";
    const line = {
      status: "failed",
      title: labelOf("inbox"),
      finding: textsOf(TYPE, "test.fileFails", { problem }),
      remedy: textsOf(TYPE, "remedies.inboxPathMissing"),
    } as const;
    return { ok: false, lines: [line] };
  }
}

/** The path itself, or the nearest folder above it that is there. */
async function nearest(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT") || dirname(path) === path) throw error;
    return nearest(dirname(path));
  }
}

/** The token of no account is asked for: Redis has to answer. It ends by itself, see RedisConnection. */
async function redis(inbox: InboxPlace): Promise<TestResult> {
  if (inbox.store !== "redis") return NOTHING;
  const title = textsOf(TYPE, "test.redis");
  try {
    const store = await RedisTokenStore.open({ url: inbox.url, onError: () => {} });
    try {
      await store.read("connection-test");
    } finally {
      await store.close();
    }
    return { ok: true, lines: [{ status: "ok", title, finding: textsOf(TYPE, "test.redisAnswers") }] };
  } catch (error) {
    if (!(error instanceof WeChatError)) throw error;
    const finding = textsOf(TYPE, "test.redisFails", { problem: error.message.replace(/^Redis: /, "") });
    return { ok: false, lines: [{ status: "failed", title, finding, remedy: error.remedy }] };
  }
}

/** Only what is shown leaves the server, and nothing in it that the dialog did not know. */
function shown({ ok, lines }: TestResult, conceal: (text: string) => string): TestResult {
  const both = ({ en, zh }: Bilingual) => ({ en: conceal(en), zh: conceal(zh) });
  return {
    ok,
    lines: lines.map(({ status, title, finding, remedy }) => ({
      status,
      title,
      finding: both(finding),
      ...(remedy && { remedy: both(remedy) }),
    })),
  };
}
