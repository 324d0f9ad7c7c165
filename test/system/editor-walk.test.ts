import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { NodeRed, RUNTIMES } from "../../packages/node-red/test/support/node-red.js";
import { Editor, hasChromium, launchChromium } from "../support/editor.js";

const runtime = RUNTIMES.at(-1) ?? "";

it.skipIf(!hasChromium)(`a flow author adds, configures, deploys and sends with ${runtime}`, async () => {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const nodeRed = await NodeRed.start({ runtime });
  onTestFinished(() => nodeRed.stop());
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const editor = await Editor.open(browser, nodeRed.url, { language: "en-US", scheme: "light" });
  const { page } = editor;

  await editor.drag("inject", 150, 100);
  await editor.drag("wechat-oa-send", 400, 100);
  await editor.wire(0, 1);

  await editor.node(1).dblclick();
  await editor.dialog();
  await page.locator("#node-input-btn-account-add").click();
  await page.locator("#node-config-input-appId").fill(DEFAULT_APP_ID);
  await page.locator("#node-config-input-appSecret").fill(DEFAULT_APP_SECRET);
  await page.locator("#node-config-input-baseUrl").fill(simulator.url);
  await page.locator("#node-config-dialog-ok").click();
  await editor.typed("recipient", "string", DEFAULT_FOLLOWER);
  await editor.typed("content", "string", "你好，from the editor");
  await page.locator("#node-dialog-ok").click();

  await page.locator("#red-ui-header-button-deploy").click();
  await page.getByText("Successfully deployed").waitFor();
  await editor.node(0).locator(".red-ui-flow-node-button-button").click();
  await page.locator(".red-ui-flow-node-status-label", { hasText: "delivered" }).waitFor();
  expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "你好，from the editor" }]);
  expect(editor.troubles).toEqual([]);
});
