import { mkdir } from "node:fs/promises";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { NodeRed, RUNTIMES } from "../../packages/node-red/test/support/node-red.js";
import { Editor, hasChromium, type Look, launchChromium } from "../support/editor.js";

/** Where the pictures go that are to be looked at; without it none are taken. */
const PICTURES = process.env.EDITOR_PICTURES;
const runtime = RUNTIMES.at(-1) ?? "";
const WORDS = {
  "en-US": { secret: "40125", whitelist: "40164", remedy: "white list", delivered: "delivered" },
  "zh-CN": { secret: "40125", whitelist: "40164", remedy: "白名单", delivered: "已送达" },
} as const;

it.skipIf(!hasChromium).each<Look>([
  { language: "en-US", scheme: "light" },
  { language: "zh-CN", scheme: "dark" },
])(
  `a flow author adds, configures, tests, deploys and sends with ${runtime} in $language`,
  async (look) => {
    const words = WORDS[look.language];
    const account = { appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET };
    const simulator = await createSimulator({ accounts: [{ ...account, ipWhitelist: ["192.0.2.1"] }] });
    onTestFinished(() => simulator.close());
    const nodeRed = await NodeRed.start({ runtime });
    onTestFinished(() => nodeRed.stop());
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const editor = await Editor.open(browser, nodeRed.url, look);
    const { page } = editor;
    const picture = async (name: string) => {
      if (!PICTURES) return;
      await mkdir(PICTURES, { recursive: true });
      await page.screenshot({ path: `${PICTURES}/${runtime}-walk-${name}-${look.language}.png` });
    };

    await editor.drag("inject", 160, 300);
    await editor.drag("wechat-oa-send", 400, 300);
    await editor.wire(0, 1);

    await editor.node(1).dblclick();
    await editor.dialog();
    await page.locator("#node-input-btn-account-add").click();
    await editor.dialog();
    await page.locator("#node-config-input-appId").fill(DEFAULT_APP_ID);
    await page.locator("#node-config-input-connectionSection summary").click();
    await page.locator("#node-config-input-baseUrl").fill(simulator.url);
    const result = page.locator("#node-config-input-result");
    const test = async (appSecret: string, expected: string) => {
      await page.locator("#node-config-input-appSecret").fill(appSecret);
      const answered = page.waitForResponse((answer) => answer.url().endsWith("/wechat-oa-account/test"));
      await page.locator("#node-config-input-test").click();
      await answered;
      await result.locator(".line", { hasText: expected }).waitFor();
    };

    await test(DEFAULT_APP_SECRET, words.whitelist);
    expect(await result.textContent()).toContain(words.remedy);
    await picture("ip");
    simulator.addAccount(account);
    await test("0".repeat(32), words.secret);
    await picture("secret");
    await test(DEFAULT_APP_SECRET, "127.0.0.1");
    await picture("good");
    expect(await result.locator(".line").count()).toBe(7);
    // No callback URL is set at WeChat: sending does not need one.
    expect(await result.locator(".fa-check-circle").count()).toBe(6);
    expect(await result.locator(".fa-exclamation-triangle").count()).toBe(1);
    expect(await result.textContent()).not.toContain(DEFAULT_APP_SECRET);

    await page.locator("#node-config-dialog-ok").click();
    await editor.typed("recipient", "str", DEFAULT_FOLLOWER);
    await editor.typed("content", "str", "你好，from the editor");
    await picture("send");
    await page.locator("#node-dialog-ok").click();

    const deployed = page.waitForResponse((answer) => answer.url().endsWith("/flows") && answer.ok());
    await page.locator("#red-ui-header-button-deploy").click();
    await deployed;
    await editor.node(0).locator(".red-ui-flow-node-button-button").click();
    await page.locator(".red-ui-flow-node-status-label", { hasText: words.delivered }).waitFor();
    await picture("sent");
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "你好，from the editor" }]);
    expect(editor.troubles).toEqual([]);
  },
  90_000,
);
