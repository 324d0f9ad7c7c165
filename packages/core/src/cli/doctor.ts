import { fill } from "../bilingual.js";
import type { WeChatClient } from "../client.js";
import type { Diagnosis, DiagnosisCheck } from "../diagnosis/check.js";
import type { Bilingual } from "../error-catalog.js";
import { EXIT, type Outcome } from "./outcome.js";
import { Paper } from "./paper.js";

const ACCOUNT: Bilingual = { en: "AppID {appId} at {baseUrl}", zh: "AppID {appId}，接口地址 {baseUrl}" };
const ALL_WELL: Bilingual = { en: "Nothing found that keeps this account from sending.", zh: "未发现妨碍发送的问题。" };
const WARNINGS: Bilingual = {
  en: "Nothing found that keeps this account from sending; see what is marked with !.",
  zh: "未发现妨碍发送的问题；请留意标有 ! 的项目。",
};
const NOT_WELL: Bilingual = {
  en: "Sending does not work yet: see what is marked with ✗.",
  zh: "目前还不能正常发送：请处理标有 ✗ 的项目。",
};
const CUT_SHORT: Bilingual = {
  en: "The diagnosis was ended before all was checked.",
  zh: "诊断提前结束，部分项目未检查。",
};
const TITLED: Bilingual = { en: "{title}: {finding}", zh: "{title}：{finding}" };

/** Diagnoses the account and tells it to a person or a program. */
export async function doctor(client: WeChatClient, signal: AbortSignal): Promise<Outcome> {
  const diagnosis = await client.diagnose({ signal });
  return {
    exitCode: diagnosis.ok ? EXIT.fine : EXIT.failed,
    json: diagnosis,
    isResult: true,
    print: (sheet, language) => {
      const paper = new Paper(sheet, language).plain(fill(ACCOUNT, { appId: client.appId, baseUrl: client.baseUrl }));
      for (const check of diagnosis.checks) write(paper, check);
      return paper.plain(summary(diagnosis)).toString();
    },
  };
}

function write(paper: Paper, { status, title, finding, remedy, rid }: DiagnosisCheck): void {
  paper.marked(status, fill(TITLED, { title, finding }));
  if (remedy) paper.remedy(remedy);
  paper.rid(rid);
}

function summary({ ok, checks }: Diagnosis): Bilingual {
  if (checks.some(({ status }) => status === "failed")) return NOT_WELL;
  if (!ok) return CUT_SHORT;
  return checks.some(({ status }) => status === "warning") ? WARNINGS : ALL_WELL;
}
