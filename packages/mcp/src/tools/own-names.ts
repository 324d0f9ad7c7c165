import { WeChatValidationError } from "@wechat-offiaccount/core";
import type { Remedy } from "../remedy.js";

/**
 * Lets core check what a tool's arguments were made into, and tells what it refuses by the names of the arguments.
 * @param nameOf the argument that became a field of core's
 * @param instead what to do, in place of core's words, which name its own fields
 * @throws WeChatValidationError
 */
export function inOwnNames<Checked>(check: () => Checked, nameOf: (field: string) => string, instead: Remedy): Checked {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof WeChatValidationError)) throw error;
    const [first, ...others] = error.problems.map((found) => ({ ...found, field: nameOf(found.field) }));
    if (!first) throw error;
    throw new WeChatValidationError([first, ...others], { delivery: "not-delivered", parts: [], instead });
  }
}
