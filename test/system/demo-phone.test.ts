import { once } from "node:events";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { WeChatClient } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { demo } from "../support/demo.js";
import { hasChromium, launchChromium } from "../support/editor.js";
import { PhonePage, type WIDTHS } from "../support/phone.js";

/** The button of the example "Send a text". */
const INJECT = "01e5a3d7b9c4f110";
const SCENES = {
  zh: {
    env: "zh_CN.UTF-8",
    language: "zh-CN",
    question: "几点营业？",
    call: "有 AI 智能体吗？",
    later: "+48 小时",
    closed: "45015",
  },
  en: {
    env: "en_US.UTF-8",
    language: "en-US",
    question: "What are your hours?",
    call: "Is there an AI agent?",
    later: "+48 h",
    closed: "A send now fails with 45015",
  },
} as const;

// As somebody new to it does, after `pnpm demo`. With PHONE_PICTURES=1 the pictures in docs/images are taken anew.
describe.skipIf(!hasChromium)("the demo's phone", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it.each(Object.entries(SCENES))(
    "%s: bot and agent answer, a picture arrives, a closed window is explained",
    async (code, scene) => {
      const { child, printed, exit } = demo([], { LC_ALL: scene.env });
      while (!printed.out.includes("mcp-http-token")) await once(child.stdout, "data");
      const [page = "", editor = ""] = printed.out.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
      const open = async (width: keyof typeof WIDTHS) => {
        const look = { language: scene.language, width, height: width === "wide" ? 900 : 812 };
        const phone = await PhonePage.open(browser, page, look);
        onTestFinished(() => phone.close());
        return phone;
      };
      const phones = { wide: await open("wide"), narrow: await open("narrow") };
      const { wide: phone } = phones;
      const shown = async () => (await phone.lines()).join("\n");
      const picture = async (name: string) => {
        for (const [width, { page }] of Object.entries(phones)) {
          const path = fileURLToPath(new URL(`../../docs/images/demo-${name}-${code}-${width}.png`, import.meta.url));
          if (process.env.PHONE_PICTURES === "1") await page.screenshot({ path });
          // What is taken anew is to be shrunk to a palette before it is committed.
          else expect((await stat(path)).size).toBeLessThan(100_000);
        }
      };

      await expect.poll(shown).toContain("欢迎关注");
      await phone.write(scene.question);
      await expect.poll(shown).toContain("9:00–18:00");
      await phone.write(scene.call);
      await expect.poll(shown).toMatch(/(经由 MCP 回复|answers through MCP)[\s\S]*内容由第三方AI生成/);
      const client = new WeChatClient({ appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET, baseUrl: page });
      const cover = fileURLToPath(new URL("../../docs/images/flow.png", import.meta.url));
      const { mediaId } = await client.media.upload("image", { path: cover });
      await client.messages.sendImage(DEFAULT_FOLLOWER, { mediaId });
      await client.close();
      const pictures = () =>
        phone.log
          .locator(".picture img")
          .evaluateAll((all) => all.map((image) => (image as { naturalWidth?: number }).naturalWidth ?? 0));
      await expect.poll(pictures).toEqual([expect.any(Number)]);
      await expect.poll(async () => (await pictures())[0]).toBeGreaterThan(100);
      await picture("answers");

      await phone.panel.getByRole("button", { name: scene.later }).click();
      await phone.panel.getByText(scene.closed).first().waitFor();
      await fetch(`${editor}/inject/${INJECT}`, { method: "POST" });
      await phone.panel.getByRole("tabpanel").getByText("45015").first().waitFor();
      await phones.narrow.panel.getByText(scene.closed).first().scrollIntoViewIfNeeded();
      await picture("closed");

      child.kill("SIGINT");
      expect(await exit, printed.err).toBe(0);
      expect(
        [...phone.troubles, ...phone.intrusions].filter((words) => !/ERR_CONNECTION|EventSource/i.test(words)),
      ).toEqual([]);
    },
  );
});
