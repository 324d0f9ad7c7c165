import type { PartResult } from "../delivery.js";
import { WeChatError, WeChatTransportError } from "../errors.js";
import { type Sent, type SentLog, type SentMessage, warnOf } from "../inbox/sent.js";

/**
 * A send whose outcome the log takes note of as soon as it is known; the send itself is not changed.
 * @param partsOf the parts of a text, from the send's result
 */
export function recorded<T>(
  sending: Promise<T>,
  log: SentLog,
  openid: string,
  message: SentMessage,
  partsOf?: (result: T) => readonly PartResult[],
): Promise<T> {
  sending
    .then(
      (result) => log.record(openid, { message, delivery: "delivered", ...(partsOf && { parts: partsOf(result) }) }),
      (error: unknown) => {
        const outcome = outcomeOf(error);
        if (outcome) log.record(openid, { message, ...outcome });
      },
    )
    .catch(warnOf);
  return sending;
}

/** What a failure says of the message; nothing where the input was refused, for then there was no message. */
function outcomeOf(error: unknown): Omit<Sent, "message"> | undefined {
  if (!(error instanceof WeChatError)) return undefined;
  // An answer that is not as documented came after the message had left.
  const delivery = error.delivery ?? (error instanceof WeChatTransportError && error.sent ? "unknown" : undefined);
  if (delivery === undefined || error.code === "WECHAT_VALIDATION") return undefined;
  const { parts, errcode, rid } = error;
  return {
    delivery,
    ...(parts && { parts }),
    ...(errcode !== undefined && { errcode }),
    ...(rid !== undefined && { rid }),
  };
}
