import { fill } from "../bilingual.js";
import type { Delivery } from "../delivery.js";
import { problemFinding } from "../diagnosis/findings.js";
import type { Bilingual } from "../error-catalog.js";
import { type WeChatError, WeChatValidationError } from "../errors.js";
import type { Language } from "./arguments.js";
import { Paper, type Sheet } from "./paper.js";

/** What the command ends with; `--help` explains them. */
export const EXIT = { fine: 0, failed: 1, usage: 2, unknown: 3 } as const;

/** How a command ended. */
export interface Outcome {
  readonly exitCode: (typeof EXIT)[keyof typeof EXIT];
  /** The document of --json. */
  readonly json: unknown;
  print(sheet: Sheet, language: Language): string;
  /** Whether a person reads it on stdout; else on stderr. JSON always goes to stdout. */
  readonly isResult: boolean;
}

/** An error as --json shows it. */
export function errorJson(error: WeChatError): Readonly<Record<string, unknown>> {
  const { code, message, errcode, rid, remedy } = error;
  const problems = error instanceof WeChatValidationError ? error.problems : undefined;
  return { code, message, errcode, rid, problems, remedy };
}

/** Arguments or settings are wrong: all that is wrong with them, and what to do. */
export function usageError(error: WeChatValidationError, delivery?: Delivery): Outcome {
  return {
    exitCode: EXIT.usage,
    json: { ok: false, delivery, error: errorJson(error) },
    isResult: false,
    print: (sheet, language) => {
      const paper = new Paper(sheet, language);
      for (const found of error.problems) paper.marked("failed", problemFinding(found)).remedy(found.remedy);
      return paper.toString();
    },
  };
}

const DEFECT: Bilingual = { en: "A defect of this program: {name}.", zh: "程序缺陷：{name}。" };
const REPORT: Bilingual = {
  en: "Please report it to this project with these lines.",
  zh: "请附上以下各行向本项目反馈。",
};

/** What must not happen. Its place is told and not its message, which may hold what must not be printed. */
export function defect(error: unknown, delivery?: Delivery): Outcome {
  const name = error instanceof Error ? error.name : typeof error;
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  const finding = fill(DEFECT, { name });
  return {
    exitCode: delivery === "unknown" ? EXIT.unknown : EXIT.failed,
    json: { ok: false, delivery, error: { code: "DEFECT", message: finding.en, frames, remedy: REPORT } },
    isResult: false,
    print: (sheet, language) =>
      `${new Paper(sheet, language).marked("failed", finding).remedy(REPORT)}${frames.join("\n")}\n`,
  };
}
