import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { eventsOf } from "./events.js";
import { MORNING, start, text } from "./support.js";

it("has every call in order, with what the caller was told", async () => {
  const caller = await start();
  const token = await caller.token();
  await caller.send(token, text("你好 👋"));
  await caller.send(token, text(""));
  const [first, second, third] = caller.sim.ledger.calls;
  expect(first).toMatchObject({ id: 1, time: MORNING, method: "POST", path: "/cgi-bin/stable_token", errcode: 0 });
  expect(second).toMatchObject({
    id: 2,
    path: "/cgi-bin/message/custom/send",
    appId: DEFAULT_APP_ID,
    openid: DEFAULT_FOLLOWER,
    errcode: 0,
    httpStatus: 200,
    body: text("你好 👋"),
  });
  expect(third).toMatchObject({ id: 3, errcode: 44004, rid: expect.stringMatching(/^[0-9a-f-]{26}$/) });
  expect(caller.sim.ledger.messages).toMatchObject([{ callId: 2, text: "你好 👋", openid: DEFAULT_FOLLOWER }]);
});

it("never holds an AppSecret or a whole token, nor do the state and the page", async () => {
  const caller = await start();
  const { classic, stable } = { classic: await caller.classic(), stable: await caller.stable() };
  const token = stable.access_token ?? "";
  await caller.send(token, text("x"));
  await caller.send(token, { ...text("y"), access_token: token, deep: [{ AppSecret: DEFAULT_APP_SECRET }] });
  await caller.send(token, `not json ${DEFAULT_APP_SECRET}`);
  await caller.stable({ secret: `${DEFAULT_APP_SECRET}0` });
  await caller.stable({ appsecret: DEFAULT_APP_SECRET });
  caller.sim.tokens.expire();
  await caller.send(token, text("z"));
  const pages = ["/simulator/", "/simulator/state", "/simulator/ledger", "/simulator/accounts"].map(async (path) =>
    (await fetch(caller.sim.url + path)).text(),
  );
  const news = await eventsOf(caller.sim.url, 1);
  const shown = [caller.sim.ledger, caller.sim, news]
    .map((held) => JSON.stringify(held))
    .concat(await Promise.all(pages))
    .join("\n");
  for (const secret of [DEFAULT_APP_SECRET, token, classic.access_token ?? ""]) expect(shown).not.toContain(secret);
  expect(caller.sim.ledger.calls.find(({ path }) => path.endsWith("send"))?.accessToken).toBe(
    `${token.slice(0, 4)}…${token.slice(-4)}`,
  );
});

it("keeps the newest within its size, and counts all", async () => {
  const caller = await start({ ledgerSize: 10, replyQuota: false });
  const token = await caller.token();
  for (let i = 0; i < 40; i++) await caller.send(token, text(`${i}`));
  const { calls, messages, totals } = caller.sim.ledger;
  expect(totals).toEqual({ calls: 41, messages: 40, pushes: 0 });
  for (const list of [calls, messages]) {
    expect(list.length).toBeGreaterThanOrEqual(10);
    expect(list.length).toBeLessThanOrEqual(11);
  }
  expect(messages.at(-1)?.text).toBe("39");
  caller.sim.ledger.clear();
  expect(caller.sim.ledger.totals).toEqual({ calls: 0, messages: 0, pushes: 0 });
  await caller.send(token, text("after"));
  expect(caller.sim.ledger.messages.map((message) => message.text)).toEqual(["after"]);
});
