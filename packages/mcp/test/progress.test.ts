import type { IncomingPage } from "@wechat-offiaccount/core";
import { afterEach, expect, it, vi } from "vitest";
import type { InboxReader } from "../src/tools/tool.js";
import { inboxOf } from "./support/conversations.js";
import { deskOf, hostOf } from "./support/desk.js";

afterEach(() => {
  vi.useRealTimers();
});

it("a host that asks for progress hears that a wait goes on", async () => {
  let answer: (page: IncomingPage) => void = () => {};
  const waitForIncoming = vi.fn(
    () =>
      new Promise<IncomingPage>((resolve) => {
        answer = resolve;
      }),
  );
  const inbox: InboxReader = Object.assign(Object.create(inboxOf().inbox), { waitForIncoming });
  const host = await hostOf(deskOf({ inbox }));
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const onprogress = vi.fn();
  const call = host.callTool({ name: "wait_for_wechat_message", arguments: {} }, { onprogress });
  await expect.poll(() => waitForIncoming.mock.calls.length).toBe(1);
  vi.advanceTimersByTime(20_000);
  await expect.poll(() => onprogress.mock.calls.length).toBe(2);
  expect(onprogress).toHaveBeenLastCalledWith(expect.objectContaining({ progress: 20, total: 45 }));
  answer({ messages: [], cursor: "0" });
  expect((await call).structuredContent).toMatchObject({ status: "nothing" });
});
