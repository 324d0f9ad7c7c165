import { mkdir } from "node:fs/promises";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../packages/node-red/package.json" with { type: "json" };
import { NodeRed, RUNTIMES } from "../../packages/node-red/test/support/node-red.js";
import { Editor, hasChromium, type Look, launchChromium } from "../support/editor.js";

/** Where the pictures go that are to be looked at; without it none are taken. */
const PICTURES = process.env.EDITOR_PICTURES;
const runtime = RUNTIMES.at(-1) ?? "";
const ACCOUNT = "wechat-oa-account";
const TYPES = Object.keys(manifest["node-red"].nodes);

const LOOKS: readonly Look[] = [
  { language: "en-US", scheme: "light" },
  { language: "zh-CN", scheme: "light" },
  { language: "en-US", scheme: "dark" },
  { language: "zh-CN", scheme: "dark" },
];

/** One node of each type; no id is a type's name, which Node-RED would take for a reference. */
const idOf = (type: string) => `the ${type}`;
const FLOW = [
  { id: "tab", type: "tab", label: "test" },
  {
    id: idOf(ACCOUNT),
    type: ACCOUNT,
    name: "",
    appId: DEFAULT_APP_ID,
    credentials: { appSecret: DEFAULT_APP_SECRET, callbackToken: "ca11backT0ken" },
  },
  ...TYPES.filter((type) => type !== ACCOUNT).map((type, n) => ({
    id: idOf(type),
    z: "tab",
    type,
    account: idOf(ACCOUNT),
    x: 200,
    y: 100 + 80 * n,
    wires: [],
  })),
];

/** Words, not a name such as AppSecret. */
const isEnglish = (label: string) => /[a-z]{2,} [a-z]{2,}/i.test(label) && !/\p{Script=Han}/u.test(label);

describe.skipIf(!hasChromium)(`the editor of ${runtime}`, () => {
  let nodeRed: NodeRed;
  let browser: Browser;
  beforeAll(async () => {
    if (PICTURES) await mkdir(PICTURES, { recursive: true });
    [nodeRed, browser] = await Promise.all([NodeRed.start({ runtime }), launchChromium()]);
    await nodeRed.deploy(FLOW);
  });
  afterAll(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  describe.each(LOOKS)("in $language, $scheme", (look) => {
    const dark = look.scheme === "dark" && runtime === "node-red-5";
    let editor: Editor;
    beforeAll(async () => {
      editor = await Editor.open(browser, nodeRed.url, look);
    });
    afterAll(() => editor?.close());

    it.each(TYPES)("the dialog of %s opens in the user's language, without an error in the console", async (type) => {
      const dialog = await (type === ACCOUNT ? editor.editConfig(type, idOf(type)) : editor.edit(idOf(type)));
      if (PICTURES)
        await editor.page.screenshot({ path: `${PICTURES}/${runtime}-${type}-${look.language}-${look.scheme}.png` });
      const labels = (await dialog.locator(".form-row label").allInnerTexts()).filter((label) => label.trim() !== "");
      expect(await editor.dark).toBe(dark);
      expect(labels.length).toBeGreaterThan(2);
      // A text that the catalogue lacks shows as its key.
      expect(await dialog.textContent()).not.toMatch(/wechat-oa-[a-z]+[.:]/);
      if (look.language === "zh-CN") expect(labels.filter(isEnglish)).toEqual([]);
      await editor.closeDialog();
      expect(editor.troubles).toEqual([]);
    });
  });
});
