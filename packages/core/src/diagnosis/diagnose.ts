import { type CallOptions, ONLY_CALL_OPTIONS } from "../api/requester.js";
import { fill } from "../bilingual.js";
import type { Bilingual } from "../error-catalog.js";
import { validate } from "../validation.js";
import { credentials, ipWhiteList, token } from "./access.js";
import { callback, permission, quota } from "./account.js";
import type { Check, Diagnosis, DiagnosisCheck, Judgement } from "./check.js";
import { reachability } from "./reachability.js";
import { Run, type Setup, wasStopped } from "./run.js";

const CHECKS: readonly Check[] = [reachability, credentials, ipWhiteList, token, permission, quota, callback];

const NOT_POSSIBLE: Bilingual = {
  en: "Not checked, because this failed: {title}.",
  zh: "未检查，因为此项未通过：{title}。",
};
const STOPPED: Bilingual = { en: "Not checked: the diagnosis was stopped.", zh: "未检查：诊断已被中止。" };
const OUT_OF_TIME: Bilingual = { en: "Not checked: the deadline passed.", zh: "未检查：已到截止时间。" };
const CUT_SHORT: readonly Bilingual[] = [STOPPED, OUT_OF_TIME];

/** Makes all checks, one after the other; see `WeChatClient.diagnose`. */
export async function diagnose(setup: Setup, options: CallOptions): Promise<Diagnosis> {
  const run = new Run(setup, validate(ONLY_CALL_OPTIONS(), options));
  const checks: DiagnosisCheck[] = [];
  let failed: Check | undefined;
  for (const check of CHECKS) {
    const judgement = reasonNotTo(failed, run) ?? (await judged(check, run));
    if (check.blocks && judgement.status === "failed") failed = check;
    checks.push({ id: check.id, title: check.title, ...judgement });
  }
  return { ok: checks.every(({ status, finding }) => status !== "failed" && !CUT_SHORT.includes(finding)), checks };
}

/** What stands in place of a check that is not made. */
function reasonNotTo(failed: Check | undefined, run: Run): Judgement | undefined {
  if (failed) return { ...skipped(fill(NOT_POSSIBLE, { title: failed.title })), details: { failed: failed.id } };
  if (run.signal?.aborted) return skipped(STOPPED);
  return run.remaining <= 0 ? skipped(OUT_OF_TIME) : undefined;
}

async function judged(check: Check, run: Run): Promise<Judgement> {
  try {
    return await check.judge(run);
  } catch (error) {
    if (wasStopped(error)) return skipped(STOPPED);
    throw error;
  }
}

const skipped = (finding: Bilingual): Judgement => ({ status: "skipped", finding });
