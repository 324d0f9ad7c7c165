import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { desk } from "../../packages/simulator/test/receiver.js";
import { MORNING, text } from "../../packages/simulator/test/support.js";
import { hasChromium, launchChromium } from "../support/editor.js";
import { openPhone, WIDTHS } from "../support/phone.js";
import { play, SCENES } from "../support/phone-scenes.js";

const ID = DEFAULT_FOLLOWER;
const MENU = {
  button: [
    { type: "click", name: "Today", key: "TODAY" },
    { name: "More", sub_button: [{ type: "click", name: "Help", key: "HELP" }] },
  ],
} as const;

describe.skipIf(!hasChromium)("the phone", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  it("speaks the browser's language, then the one that is chosen, and remembers it", async () => {
    const { phone } = { phone: await openPhone(browser, (await desk()).sim, { language: "zh-CN" }) };
    expect(await phone.page.title()).toBe("微信公众号模拟器");
    await phone.page.getByRole("button", { name: "English" }).click();
    await phone.page.getByRole("tab", { name: "Calls" }).waitFor();
    await phone.page.reload();
    await phone.page.getByRole("tab", { name: "Calls" }).waitFor();
    expect(await phone.page.evaluate<string>("document.documentElement.lang")).toBe("en");
  });

  // With PHONE_PICTURES=1 they are taken anew.
  it.each(Object.values(SCENES))("is as docs/images shows it: $code", async (scene) => {
    const began = Date.now();
    const started = await desk({ name: scene.account }, { clock: { now: () => MORNING + Date.now() - began } });
    await play(browser, started, scene);
    for (const width of ["wide", "narrow"] as const) {
      const height = width === "wide" ? 900 : 812;
      const phone = await openPhone(browser, started.sim, { language: scene.language, width, height });
      await expect.poll(() => phone.lines()).toContain(scene.answer);
      const path = fileURLToPath(new URL(`../../docs/images/phone-${scene.code}-${width}.png`, import.meta.url));
      if (process.env.PHONE_PICTURES === "1") await phone.page.screenshot({ path });
      const { size } = await stat(path);
      expect(size).toBeLessThan(150_000);
    }
  });

  describe.each(["zh-CN", "en-US"] as const)("in %s", (language) => {
    it.each(Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])(
      "%s: axe finds nothing serious, light or dark, and nothing is cut off",
      async (width) => {
        const { sim, caller, token, receiver } = await desk().then(async (d) => ({
          ...d,
          token: await d.caller.token(),
        }));
        receiver.answer = (_request, index) => (index === 0 ? "bad" : "success");
        sim.setMenu(MENU);
        sim.act(ID, { type: "text", text: "hello" });
        await sim.pushed();
        sim.act(ID, { type: "image" });
        sim.act(ID, { type: "location", latitude: 23, longitude: 113, label: "广州塔" });
        await caller.send(
          token,
          text('见 <a href="https://example.com/">网站</a>', { aimsgcontext: { is_ai_msg: 1 } }),
        );
        await caller.send(token, {
          touser: ID,
          msgtype: "msgmenu",
          msgmenu: { head_content: "?", list: [{ id: "1", content: "是" }] },
        });
        await caller.send(token, {
          touser: ID,
          msgtype: "news",
          news: {
            articles: [
              { title: "t", description: "d", url: "https://example.com/", picurl: "https://example.com/a.png" },
            ],
          },
        });
        await caller.send(token, text(""));
        sim.inject({ kind: "stall", times: 3 });
        for (const scheme of ["light", "dark"] as const) {
          const phone = await openPhone(browser, sim, { language, width, scheme });
          expect(await phone.accessibilityTroubles()).toEqual([]);
          const over = "document.documentElement.scrollWidth > innerWidth";
          for (const name of [/Pushes|推送/, /Faults|故障/, /Menu|菜单/]) {
            await phone.tab(name);
            expect(await phone.accessibilityTroubles()).toEqual([]);
            expect(await phone.page.evaluate(over)).toBe(false);
          }
          await phone.page.getByRole("button", { name: /^(Keyboard|键盘)$/ }).click();
          await phone.page.getByRole("button", { name: /^(More|更多)$/ }).click();
          await phone.page.getByRole("button", { name: /^(Location|位置)$/ }).click();
          await phone.page.getByRole("dialog").waitFor();
          expect(await phone.accessibilityTroubles()).toEqual([]);
        }
      },
    );
  });
});
