import { describe, expect, it } from "vitest";
import { followerFilter } from "../../src/lib/follower-filter.js";

const heard = (allow: unknown, block: unknown, variables: Record<string, string> = {}) => {
  const filter = followerFilter({ allow, block }, (name) => variables[name]);
  return "problem" in filter ? filter : ["oA", "oB", "oC"].filter((openid) => filter.hears(openid));
};

describe("the lists of a receive node", () => {
  it.each<[string, unknown, unknown, string[]]>([
    ["nothing: everybody", undefined, "", ["oA", "oB", "oC"]],
    ["blanks: everybody", " \n, ", "\t", ["oA", "oB", "oC"]],
    ["only these", "oA,oB", "", ["oA", "oB"]],
    ["lines, spaces and Chinese punctuation", "\noA\r\noB ，oX；oY、oC", "", ["oA", "oB", "oC"]],
    ["not these", "", "oA\noC", ["oB"]],
    ["who is in both is not heard", "oA oB", "oA", ["oB"]],
    ["an openid is exact: no part and no other case of it counts", "o, OA, oAA", "", []],
    ["variables hold several, beside others", "${TEAM},oC", "${ONE}", ["oB", "oC"]],
  ])("%s", (_what, allow, block, openids) => {
    expect(heard(allow, block, { TEAM: "oA oB", ONE: "oA" })).toEqual(openids);
  });

  it.each([
    ["oA, o.B", "", { problem: "openidWrong", list: "allow", word: "o.B" }],
    ["", `oA ${"x".repeat(129)}`, { problem: "openidWrong", list: "block", word: "x".repeat(129) }],
    ["${TEAM}", "", { problem: "variableNotSet", list: "allow", word: "TEAM" }],
    ["oA", "${EMPTY}", { problem: "variableNotSet", list: "block", word: "EMPTY" }],
    ["${WRONG}", "", { problem: "openidWrong", list: "allow", word: "小明" }],
  ])("%j and %j are refused, and it says why: nobody is let in by mistake", (allow, block, problem) => {
    expect(heard(allow, block, { EMPTY: " , ", WRONG: "oA 小明" })).toEqual(problem);
  });
});
