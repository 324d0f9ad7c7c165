import type { DiagnosisCheck, RefusedRequest, WeChatClient } from "@wechat-offiaccount/core";
import * as z from "zod";
import { isSigned, remedyOf } from "../refusal-words.js";
import { plainLine } from "../safety/plain-line.js";
import { factsOf, factsOfInput, failureFields, sentences } from "./failure-facts.js";
import type { InboxReader, ToolCall, ToolOutcome } from "./tool.js";

export const name = "check_wechat_account";
export const title = "Check a WeChat Official Account (公众号诊断)";

export const description = `Looks for what keeps this server from sending for the WeChat Official Account (微信公众号): whether WeChat's API can be reached, AppID and AppSecret, IP white list, access token, permission for customer-service messages, messages left today, the callback URL, and, where the server has one, the inbox: how much is unread, and whether a program receives new messages into it.

Use it when sending fails for a reason that concerns the account and not one follower, or when no messages come in. It writes to nobody and changes nothing; it costs a handful of API calls, so it is not for calling again and again.`;

export const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
} as const;

export const inputSchema = z.strictObject({});

const check = z.strictObject({
  id: z.string().describe("What was checked, such as ip-white-list."),
  status: z
    .enum(["ok", "warning", "failed", "skipped"])
    .describe(
      "failed: sending, or of the inbox reading, does not work because of this. skipped: not checked, or no answer.",
    ),
  finding: z.string().describe("What was found."),
  errcode: z.number().optional().describe("WeChat's errcode, where it refused."),
  rid: z.string().optional().describe("WeChat's request id for that refusal."),
  remedy_en: z.string().optional().describe("What to do, where there is something to do."),
  remedy_zh: z.string().optional().describe("The same in Chinese."),
});
type CheckView = z.infer<typeof check>;

export const outputSchema = z.strictObject({
  status: z
    .enum(["ok", "trouble", "failed"])
    .describe("ok: nothing stands in the way. trouble: checks says what does. failed: the check itself failed."),
  checks: z.array(check).describe("In the order in which they were made. Empty on failure."),
  sends_left_today: z.number().optional().describe("Customer-service messages that are left today, where known."),
  unread: z.number().optional().describe("Unread messages of all followers, where the server has an inbox."),
  message: z.string().optional().describe("On failure: what happened."),
  ...failureFields,
});
type CheckResult = z.infer<typeof outputSchema>;

function failed(facts: ReturnType<typeof factsOf>): ToolOutcome<CheckResult> {
  const result = {
    status: "failed" as const,
    checks: [],
    next_step: "Call again once the cause is settled.",
    ...facts,
  };
  return { structuredContent: result, text: sentences(result).join("\n"), isError: true };
}

export const refusal = failed;
export const defect = failed(factsOf(undefined));

export interface CheckContext extends Pick<ToolCall, "signal"> {
  readonly client: Pick<WeChatClient, "diagnose">;
  readonly inbox?: Pick<InboxReader, "stats"> | undefined;
  /** There if this process takes what WeChat pushes: what it refused last, unless it took the last one. */
  readonly lastRefusal?: (() => RefusedRequest | undefined) | undefined;
}

/** Checks the account. Never throws: every failure is an outcome with `isError`. */
export async function handle(
  input: unknown,
  { client, inbox, lastRefusal, signal }: CheckContext,
): Promise<ToolOutcome<CheckResult>> {
  const parsed = inputSchema.safeParse(input ?? {});
  if (!parsed.success) return failed(factsOfInput(name, inputSchema, parsed.error));
  try {
    const { ok, checks } = await client.diagnose({ signal });
    const found = inbox && (await lookInto(inbox, lastRefusal));
    const views = [...checks.map(viewOf), ...(found ? [found.check] : [])];
    const left = sendsLeft(checks);
    const result: CheckResult = {
      status: ok && found?.check.status !== "failed" ? "ok" : "trouble",
      checks: views,
      ...(left !== undefined && { sends_left_today: left }),
      ...(found?.unread !== undefined && { unread: found.unread }),
    };
    return { structuredContent: result, text: "", isError: false };
  } catch (error) {
    return failed(factsOf(error));
  }
}

function viewOf({ id, status, finding, errcode, rid, remedy }: DiagnosisCheck): CheckView {
  return {
    id,
    status,
    finding: plainLine(finding.en),
    ...(errcode !== undefined && { errcode }),
    ...(rid !== undefined && { rid }),
    ...(remedy && { remedy_en: remedy.en, remedy_zh: remedy.zh }),
  };
}

const QUOTA_DETAILS = z.object({ remaining: z.number() });

function sendsLeft(checks: readonly DiagnosisCheck[]): number | undefined {
  const details = checks.find(({ id }) => id === "quota")?.details;
  return QUOTA_DETAILS.safeParse(details).data?.remaining;
}

const NOBODY_RECEIVES = {
  finding:
    "No program is known to receive followers' messages into the inbox: none is running, or nothing has reached it yet. Waiting for messages would be in vain.",
  remedy_en:
    "Start the program that receives (such as a Node-RED flow with wechat-oa-receive) with the same inbox, then let a follower write; the check callback says whether WeChat finds its URL.",
  remedy_zh:
    "请启动接收消息的程序（例如含 wechat-oa-receive 节点的 Node-RED 流程），并使用同一收件箱，然后请一位用户发送消息；callback 一项会显示微信能否找到回调地址。",
};

const NOTHING_YET = {
  finding: "This server itself receives followers' messages into the inbox, and nothing has come in yet.",
  remedy_en:
    "Let a follower write. If nothing comes in, look at WeChat's console (服务器配置): the URL must lead to this server, and be switched on (启用).",
  remedy_zh: "请让一位用户发送消息。若仍未收到，请检查微信后台「服务器配置」：URL 须指向本服务，且已启用。",
};

function refusedLast({ reason, status, remedy }: RefusedRequest): CheckView {
  const { en, zh } = remedyOf({ reason, remedy });
  const finding = `This server itself receives followers' messages, and refused the last push: ${reason} (${status}).`;
  return { id: "inbox", status: "warning", finding, remedy_en: en, remedy_zh: zh };
}

/** What the inbox is worth: nothing comes of waiting if nobody receives. */
async function lookInto(
  inbox: Pick<InboxReader, "stats">,
  lastRefusal: CheckContext["lastRefusal"],
): Promise<{ check: CheckView; unread?: number }> {
  try {
    const { conversations, unread, listeningSince } = await inbox.stats();
    const refused = lastRefusal?.();
    // What is not signed may be anybody's, and says nothing where WeChat's pushes come in.
    if (refused && (listeningSince === undefined || isSigned(refused))) {
      return { check: refusedLast(refused), unread };
    }
    if (listeningSince === undefined) {
      const said = lastRefusal ? NOTHING_YET : NOBODY_RECEIVES;
      return { check: { id: "inbox", status: "warning", ...said }, unread };
    }
    const since = new Date(listeningSince).toISOString();
    const finding = `Conversations: ${conversations}, unread messages: ${unread}. Nothing was missed since ${since}.`;
    return { check: { id: "inbox", status: "ok", finding }, unread };
  } catch (error) {
    const { message, remedy_en, remedy_zh } = factsOf(error);
    return { check: { id: "inbox", status: "failed", finding: message, remedy_en, remedy_zh } };
  }
}
