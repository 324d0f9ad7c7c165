import type { Bilingual } from "../error-catalog.js";
import type { Run } from "./run.js";

/** The checks of a diagnosis, in the order in which they are made. */
export type CheckId = "reachability" | "credentials" | "ip-white-list" | "token" | "permission" | "quota" | "callback";

/**
 * - `ok`: nothing found
 * - `warning`: it works, or need not work, and something is worth knowing
 * - `failed`: sending does not work because of this
 * - `skipped`: not made, or WeChat gave no answer to it; the finding says why
 */
export type CheckStatus = "ok" | "warning" | "failed" | "skipped";

/** What one check found. */
export interface DiagnosisCheck {
  /** Which one, for programs. */
  readonly id: CheckId;
  /** How it ended. */
  readonly status: CheckStatus;
  /** What was checked. */
  readonly title: Bilingual;
  /** What was found, as sentences. */
  readonly finding: Bilingual;
  /** What to do next, where there is something to do. */
  readonly remedy?: Bilingual;
  /** WeChat's number, where it refused a call. */
  readonly errcode?: number;
  /** WeChat's request id for that refusal; WeChat keeps it for 7 days. */
  readonly rid?: string;
  /** Facts for programs, such as `ip` or `remaining`; no secrets. */
  readonly details?: Details;
}

export type Details = Readonly<Record<string, string | number | readonly string[]>>;

/** What keeps an account from sending, if anything does. */
export interface Diagnosis {
  /** Whether no check failed, and none was left out because the signal or the deadline ended the diagnosis. */
  readonly ok: boolean;
  /** All of them, in the order in which they were made. */
  readonly checks: readonly DiagnosisCheck[];
}

export type Judgement = Omit<DiagnosisCheck, "id" | "title">;

/** One check. */
export interface Check {
  readonly id: CheckId;
  readonly title: Bilingual;
  /** Whether the later checks cannot be made if this one fails. */
  readonly blocks: boolean;
  /** @throws WeChatTransportError with reason `aborted`, if the caller's signal stopped it */
  judge(run: Run): Promise<Judgement>;
}
