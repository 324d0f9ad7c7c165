import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { simulated } from "./support/desk.js";

const script = fileURLToPath(new URL("../examples/script/send-text.mjs", import.meta.url));

const run = (baseUrl: string, openid: string, appSecret = DEFAULT_APP_SECRET) =>
  promisify(execFile)(process.execPath, [script, openid, "你好 👋"], {
    env: { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: appSecret, WECHAT_API_BASE_URL: baseUrl },
  });

it("the example script sends a text", async () => {
  const simulator = await simulated();
  expect((await run(simulator.url, DEFAULT_FOLLOWER)).stdout).toBe("delivered, as 1 message(s)\n");
  expect(simulator.ledger.messages.map((message) => message.text)).toEqual(["你好 👋"]);
});

it("the example script says why a text was not sent, in both languages, and ends with 1", async () => {
  const simulator = await simulated();
  const failed = await run(simulator.url, "oUnknown").catch((error) => error);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^not-delivered: WeChat answered 40003 .*rid /);
  expect(failed.stderr).toMatch(/Use the openid[\s\S]*请使用本公众号收到的 openid/);
});
