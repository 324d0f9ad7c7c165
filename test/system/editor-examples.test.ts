import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXAMPLES, readExample } from "../../packages/node-red/test/support/examples.js";
import { NodeRed, RUNTIMES } from "../../packages/node-red/test/support/node-red.js";
import { Editor, hasChromium, launchChromium } from "../support/editor.js";

/** A node as the editor draws it; x and y are its middle. */
interface Drawn {
  name: string;
  x: number;
  y: number;
  w: number;
  h: number;
  valid: boolean;
}

const apart = (one: Drawn, other: Drawn): boolean =>
  Math.abs(one.x - other.x) >= (one.w + other.w) / 2 || Math.abs(one.y - other.y) >= (one.h + other.h) / 2;

describe.skipIf(!hasChromium).each(RUNTIMES)("the examples in the editor of %s", (runtime) => {
  let nodeRed: NodeRed;
  let editor: Editor;
  let close: () => Promise<void>;
  beforeAll(async () => {
    nodeRed = await NodeRed.start({ runtime });
    const browser = await launchChromium();
    close = () => browser.close();
    editor = await Editor.open(browser, nodeRed.url, { language: "en-US", scheme: "light" });
  });
  afterAll(async () => {
    await close();
    await nodeRed.stop();
  });

  const evaluate = <T>(script: string): Promise<T> => editor.page.evaluate(script);
  /** Imports as a user does, who chooses "Import copy" where asked. @returns whether the editor asked */
  const importFlow = async (file: string): Promise<boolean> => {
    const { page } = editor;
    const tabs = await evaluate<number>("RED.workspaces.count()");
    await evaluate('void RED.actions.invoke("core:show-import-dialog")');
    const text = page.locator("#red-ui-clipboard-dialog-import-text");
    await text.fill(JSON.stringify(await readExample(file)));
    // The dialog checks what was typed when a key is let go.
    await text.press("End");
    await page.locator("#red-ui-clipboard-dialog-ok").click();
    const copy = page.getByRole("button", { name: "Import copy" });
    const imported = page.waitForFunction(`RED.workspaces.count() > ${tabs}`);
    const asked = await Promise.race([copy.waitFor().then(() => true), imported.then(() => false)]);
    if (asked) await copy.click();
    await imported;
    // The question fades away; the next one must not find it.
    await copy.waitFor({ state: "detached" });
    return asked;
  };

  it("are imported one after the other and share the account that is there", async () => {
    expect(await importFlow(EXAMPLES[0]!)).toBe(false);
    for (const file of EXAMPLES.slice(1)) expect(await importFlow(file)).toBe(true);
    const accounts = "RED.nodes.filterNodes({}).flatMap(({ account }) => account ?? [])";
    expect(new Set(await evaluate<string[]>(accounts)).size).toBe(1);
    const count = 'let n = 0; RED.nodes.eachConfig(({ type }) => { if (type === "wechat-oa-account") n++; }); n';
    expect(await evaluate<number>(count)).toBe(1);
  });

  it.each(EXAMPLES)("%s: no node covers another or is marked as wrong", async (file) => {
    const label = file.replace(/^\d\d - |\.json$/g, "");
    await evaluate(
      `RED.nodes.eachWorkspace(({ id, label }) => { if (label === ${JSON.stringify(label)}) RED.workspaces.show(id); })`,
    );
    const shown = "RED.nodes.filterNodes({ z: RED.workspaces.active() })";
    await editor.page.waitForFunction(`${shown}.length > 0 && ${shown}.every(({ w, dirty }) => w > 0 && !dirty)`);
    const nodes = await evaluate<Drawn[]>(
      `${shown}.map(({ name, x, y, w, h, valid }) => ({ name, x, y, w, h, valid }))`,
    );
    expect(nodes.filter(({ valid }) => !valid)).toEqual([]);
    const covering = nodes.flatMap((one, index) =>
      nodes
        .slice(index + 1)
        .filter((other) => !apart(one, other))
        .map((other) => [one.name, other.name]),
    );
    expect(covering).toEqual([]);
  });

  it("trouble the editor in no way", () => {
    expect(editor.troubles).toEqual([]);
  });
});
