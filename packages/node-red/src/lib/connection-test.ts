import {
  type DiagnosisCheck,
  WeChatClient,
  type WeChatClientOptions,
  WeChatError,
  WeChatValidationError,
} from "@wechat-offiaccount/core";
import { RedisTokenStore } from "@wechat-offiaccount/core/redis";
import type { InboxPlace } from "./account-inbox.js";
import { accountOptions, receiveOptions } from "./account-settings.js";
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
  const sending = accountOptions(settings, inEnglish);
  const wrong = problem ?? ("problem" in sending ? sending.problem : undefined);
  if (wrong) return shown(faultsOf(wrong), conceal);
  const receiving = receiveOptions(settings, userDir, inEnglish);
  const results = await Promise.all([
    "options" in sending ? diagnosis(sending.options, signal) : NOTHING,
    "problem" in receiving ? faultsOf(receiving.problem) : redis(receiving.inbox),
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
  const { en, zh } = textsOf(TYPE, `label.${field}`);
  return { en: en || field, zh: zh || field };
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
