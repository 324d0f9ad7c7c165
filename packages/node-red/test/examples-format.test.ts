import { readFile } from "node:fs/promises";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { EXAMPLES, type ExampleNode, readExample } from "./support/examples.js";

const OURS = ["wechat-oa-account", "wechat-oa-conversation", "wechat-oa-receive", "wechat-oa-send"];
const CORE = [
  "catch",
  "change",
  "comment",
  "debug",
  "delay",
  "function",
  "inject",
  "link in",
  "link out",
  "status",
  "switch",
  "tab",
];
/** What every node has, whatever its type. */
const COMMON = ["id", "type", "z", "x", "y", "wires"];

const flows = new Map(await Promise.all(EXAMPLES.map(async (file) => [file, await readExample(file)] as const)));
const all = [...flows.values()].flat();
const isAccount = ({ type }: ExampleNode) => type === "wechat-oa-account";

/** The defaults of a node, as its html registers them. */
async function defaultsOf(type: string): Promise<Record<string, { value: unknown }>> {
  const html = await readFile(new URL(`../src/nodes/${type}/editor.html`, import.meta.url), "utf8");
  const script = /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  const registered: { defaults: Record<string, { value: unknown }> }[] = [];
  const registerType = (_: string, definition: (typeof registered)[0]) => registered.push(definition);
  runInNewContext(script, { RED: { nodes: { registerType } } });
  return registered[0]!.defaults;
}

it("are nine, numbered as the import menu shows them", () => {
  expect(EXAMPLES).toEqual([
    "01 - Send a text.json",
    "02 - Echo what followers write.json",
    "03 - FAQ and welcome.json",
    "04 - AI answer.json",
    "05 - Menu.json",
    "06 - Picture.json",
    "07 - Broadcast to open windows.json",
    "08 - Hand over to a human.json",
    "09 - Error handling.json",
  ]);
});

it("share nothing but the account, so that one that is set up serves them all", () => {
  const accounts = all.filter(isAccount);
  expect(accounts).toHaveLength(EXAMPLES.length);
  for (const account of accounts) expect(account).toEqual(accounts[0]);
  const others = all.filter((node) => !isAccount(node)).map(({ id }) => id);
  expect(others).toEqual([...new Set(others)]);
});

describe.each(EXAMPLES)("%s", (file) => {
  const flow = flows.get(file)!;
  const tab = flow.find(({ type }) => type === "tab")!;
  const placed = flow.filter(({ type }) => type !== "tab" && !isAccount({ id: "", type }));

  it("uses only our nodes and those that every Node-RED has", () => {
    const foreign = flow.filter(({ type }) => ![...OURS, ...CORE].includes(type));
    expect(foreign).toEqual([]);
  });

  it("says in English and Chinese what it does and what to change", () => {
    expect(tab.label).toBe(file.replace(/^\d\d - |\.json$/g, ""));
    expect(tab.info).toMatch(/^[A-Z].*\. .*[\u4e00-\u9fff].*。$/);
    const comments = flow.filter(({ type }) => type === "comment");
    expect(comments).toHaveLength(1);
    const [english, chinese] = String(comments[0]!.info).split(/\n\n(?=1\. .*[\u4e00-\u9fff]{4})/);
    expect(english!.match(/^\d\. /gm)).toEqual(chinese!.match(/^\d\. /gm));
    // Only what is shown so in the editor of either language may be Chinese there.
    expect(english).toMatch(/^1\. [A-Z]/);
  });

  it("holds no secret, and takes what tells the accounts apart from the environment", () => {
    expect(JSON.stringify(flow)).not.toMatch(/secret"?:|credentials|wx[0-9a-f]{16}/i);
    expect(flow.find(isAccount)).toMatchObject({
      appId: "${WECHAT_APP_ID}",
      baseUrl: "${WECHAT_API_BASE_URL}",
    });
  });

  it("has a name for each node, each on its tab and in the grid", () => {
    for (const node of placed) {
      expect(node).toMatchObject({ z: tab.id, name: expect.stringMatching(/^\S.*\S$/) });
      expect([Number(node.x) % 10, Number(node.y) % 20]).toEqual([0, 0]);
    }
    const spots = placed.map(({ x, y }) => `${x} ${y}`);
    expect(spots).toEqual([...new Set(spots)]);
  });

  it("wires and watches only nodes that are there", () => {
    const ids: unknown[] = placed.map(({ id }) => id);
    const named = placed.flatMap(({ wires, scope, links }) => [wires, scope ?? [], links ?? []].flat(3));
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("gives our nodes the properties that their dialogs know, all of them", async () => {
    for (const node of flow.filter(({ type }) => OURS.includes(type))) {
      const known = Object.keys(await defaultsOf(node.type));
      const held = Object.keys(node).filter((property) => !COMMON.includes(property));
      expect(held.sort()).toEqual(known.sort());
    }
  });
});
