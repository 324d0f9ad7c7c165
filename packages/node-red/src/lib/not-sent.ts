import { WeChatValidationError } from "@wechat-offiaccount/core";

/** What core refuses before anything is sent has the outcome of a send: nothing went out. */
export function notSentIfWrong<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    throw error.withOutcome({ delivery: "not-delivered", parts: [] });
  }
}
