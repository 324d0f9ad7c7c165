import { type User, WeChatApiError } from "@wechat-offiaccount/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { namesOf } from "../src/tools/follower-names.js";

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const userOf = (openid: string, remark = "", tagIds: readonly number[] = []): User => ({
  openid,
  following: true,
  language: "zh_CN",
  followedAt: undefined,
  unionid: undefined,
  remark,
  tagIds,
  followedBy: "",
  qrScene: undefined,
});

/** What WeChat knows, and how often it was asked. */
function weChat(...users: User[]) {
  const getMany = vi.fn(
    async ({ openids }: { openids: string[] }): Promise<readonly User[]> =>
      openids.map((openid) => users.find((user) => user.openid === openid) ?? userOf(openid)),
  );
  const tags = vi.fn(async () => [
    { id: 2, name: "星标组", count: 1 },
    { id: 100, name: "VIP", count: 1 },
  ]);
  return { users: { getMany, tags } };
}

const refusal = (errcode: number) =>
  new WeChatApiError({ errcode, errmsg: "?", endpoint: "POST /cgi-bin/user/info/batchget" });

it("a whole page is asked for at once, and the tags by their names", async () => {
  const client = weChat(userOf("oA", "老客户", [100, 2]), userOf("oB", "王姐"), userOf("oC"));
  const names = await namesOf(["oA", "oB", "oC", "oA"], client);
  expect([...names]).toEqual([
    ["oA", { remark: "老客户", tags: ["VIP", "星标组"] }],
    ["oB", { remark: "王姐" }],
    ["oC", {}],
  ]);
  expect(client.users.getMany.mock.calls).toEqual([[{ openids: ["oA", "oB", "oC"] }, { deadline: 10_000 }]]);
  expect(client.users.tags).toHaveBeenCalledTimes(1);
});

it("nothing is asked for twice within five minutes, and only what is not known yet", async () => {
  const client = weChat(userOf("oA", "A", [100]), userOf("oB", "B", [100]));
  await namesOf(["oA"], client);
  vi.advanceTimersByTime(4 * MINUTE);
  expect((await namesOf(["oA", "oB"], client)).get("oA")).toEqual({ remark: "A", tags: ["VIP"] });
  expect(client.users.getMany.mock.calls.map(([{ openids }]) => openids)).toEqual([["oA"], ["oB"]]);
  expect(client.users.tags).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(2 * MINUTE);
  await namesOf(["oA"], client);
  expect(client.users.getMany).toHaveBeenCalledTimes(3);
  expect(client.users.tags).toHaveBeenCalledTimes(2);
});

it("who has no tag costs no call for tags", async () => {
  const client = weChat(userOf("oA", "A"));
  await namesOf(["oA"], client);
  expect(client.users.tags).not.toHaveBeenCalled();
});

it("two results at the same time share one call", async () => {
  const client = weChat(userOf("oA", "A"));
  const both = await Promise.all([namesOf(["oA"], client), namesOf(["oA"], client)]);
  expect(both.map((names) => names.get("oA"))).toEqual([{ remark: "A" }, { remark: "A" }]);
  expect(client.users.getMany).toHaveBeenCalledTimes(1);
});

it("after a failure there are no names, and nothing is asked for, for five minutes", async () => {
  const client = weChat(userOf("oA", "A"));
  client.users.getMany.mockRejectedValueOnce(refusal(48001));
  expect(await namesOf(["oA"], client)).toEqual(new Map());
  vi.advanceTimersByTime(5 * MINUTE - 1);
  expect(await namesOf(["oA", "oB"], client)).toEqual(new Map());
  expect(client.users.getMany).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect((await namesOf(["oA"], client)).get("oA")).toEqual({ remark: "A" });
});

it("an openid that WeChat does not know takes only its own page the names", async () => {
  const client = weChat(userOf("oA", "A"));
  client.users.getMany.mockRejectedValueOnce(refusal(40003));
  await namesOf(["oForged"], client);
  expect((await namesOf(["oForged", "oA"], client)).get("oA")).toEqual({ remark: "A" });
  expect(client.users.getMany.mock.calls.map(([{ openids }]) => openids)).toEqual([["oForged"], ["oA"]]);
});

it("what is no openid is not asked for", async () => {
  const client = weChat();
  expect(await namesOf(["a b", ""], client)).toEqual(new Map());
  expect(client.users.getMany).not.toHaveBeenCalled();
});

it("without the names of the tags there is still the remark", async () => {
  const client = weChat(userOf("oA", "A", [100]));
  client.users.tags.mockRejectedValueOnce(refusal(48001));
  expect((await namesOf(["oA"], client)).get("oA")).toEqual({ remark: "A" });
});

it("a tag without a known name is left out", async () => {
  const client = weChat(userOf("oA", "", [7, 100]));
  expect((await namesOf(["oA"], client)).get("oA")).toEqual({ tags: ["VIP"] });
});

it("a result waits two seconds at most, and what comes later is there for the next one", async () => {
  const client = weChat();
  let answer: (users: readonly User[]) => void = () => {};
  client.users.getMany.mockReturnValueOnce(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  const early = namesOf(["oA"], client);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await early).toEqual(new Map());
  answer([userOf("oA", "A")]);
  await vi.advanceTimersByTimeAsync(0);
  expect((await namesOf(["oA"], client)).get("oA")).toEqual({ remark: "A" });
  expect(client.users.getMany).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("names are cleaned and cut like all foreign words", async () => {
  const client = weChat(userOf("oA", `\u202eA\u200b${"长".repeat(100)}`, [1]));
  client.users.tags.mockResolvedValueOnce([{ id: 1, name: "V\u{e0041}IP", count: 1 }]);
  const name = (await namesOf(["oA"], client)).get("oA");
  expect(name).toEqual({ remark: `A${"长".repeat(59)}…`, tags: ["VIP"] });
});
