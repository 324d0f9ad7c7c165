import { isOpenid } from "@wechat-offiaccount/core";

/** Names of the two lists in the dialog. */
type List = "allow" | "block";

/** Whom a receive node hears; or the first word of its lists that is no openid, or names a variable that is not set. */
export type FollowerFilter =
  | { readonly hears: (openid: string) => boolean }
  | { readonly problem: "openidWrong" | "variableNotSet"; readonly list: List; readonly word: string };

const VARIABLE = /^\$\{([^}]+)\}$/;

/**
 * Reads the lists as the dialog has them: openids parted by commas, spaces or lines, and `${NAME}` for more of them from
 * an environment variable. With an allow list nobody else is heard; who is blocked is not heard in any case. A variable
 * that is not set is an error and never an empty list: that would allow everybody.
 * @param variable the value of an environment variable
 */
export function followerFilter(
  lists: Readonly<Record<List, unknown>>,
  variable: (name: string) => unknown,
): FollowerFilter {
  const read: Record<List, ReadonlySet<string>> = { allow: new Set(), block: new Set() };
  for (const list of ["allow", "block"] as const) {
    const openids = wordsOf(lists[list]).flatMap((word) => {
      const name = VARIABLE.exec(word)?.[1];
      if (name === undefined) return [word];
      const found = wordsOf(variable(name));
      return found.length === 0 ? [word] : found;
    });
    const wrong = openids.find((word) => !isOpenid(word));
    if (wrong !== undefined) {
      const name = VARIABLE.exec(wrong)?.[1];
      return name === undefined
        ? { problem: "openidWrong", list, word: wrong }
        : { problem: "variableNotSet", list, word: name };
    }
    read[list] = new Set(openids);
  }
  const { allow, block } = read;
  return { hears: (openid) => !block.has(openid) && (allow.size === 0 || allow.has(openid)) };
}

function wordsOf(list: unknown): string[] {
  return typeof list === "string" ? list.split(/[\s,，;；、]+/).filter(Boolean) : [];
}
