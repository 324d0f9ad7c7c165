import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../packages/node-red/package.json" with { type: "json" };
import { NodeRed, RUNTIMES } from "../../packages/node-red/test/support/node-red.js";
import { readmeBlock } from "../support/readme.js";
import { pnpm, repository, run } from "../support/tarballs.js";

const TYPES = Object.keys(manifest["node-red"].nodes).sort();
const runtime = RUNTIMES.at(-1) ?? "";

/** A node of a flow. */
interface Node {
  readonly id: string;
  readonly type: string;
}

/** As the Palette Manager installs. */
const NPM_INSTALL = ["install", "--no-audit", "--no-fund", "--omit=dev", "--engine-strict"];

describe(`the tarball alone, installed into an empty user directory of ${runtime}`, () => {
  let packed: string;
  let nodeRed: NodeRed;
  let installed: string[];
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await createSimulator();
    packed = await mkdtemp(join(tmpdir(), "packed-"));
    await pnpm("--filter", manifest.name, "pack", "--pack-destination", packed);
    const [tarball = ""] = await readdir(packed);
    const prepare = async (userDir: string) => {
      await run("npm", [...NPM_INSTALL, join(packed, tarball)], { cwd: userDir });
      installed = await readdir(join(userDir, "node_modules"));
    };
    const env = { WECHAT_API_BASE_URL: simulator.url };
    nodeRed = await NodeRed.start({ runtime, settings: { nodesDir: [] }, prepare, env });
  }, 180_000);
  afterAll(async () => {
    await nodeRed?.stop();
    await simulator?.close();
    await rm(packed, { recursive: true, force: true });
  });

  it("brings no Node-RED and no other package of ours", () => {
    expect(installed).toContain("@wechat-offiaccount");
    expect(installed).not.toContain("node-red");
  });

  it("loads all types, from there, without an error", async () => {
    const sets: { module: string; local: boolean; types: string[]; version: string }[] = JSON.parse(
      await nodeRed.get("/nodes"),
    );
    const ours = sets.filter((set) => set.module === manifest.name);
    expect(ours.flatMap((set) => set.types).sort()).toEqual(TYPES);
    for (const set of ours) {
      expect(set).toMatchObject({ enabled: true, local: true, version: manifest.version });
      expect(set).not.toHaveProperty("err");
    }
  });

  it.each(["en-US", "zh-CN"])("serves catalogues and help in %s", async (language) => {
    const html = await nodeRed.get("/nodes", "text/html", language);
    for (const type of TYPES) {
      expect(html).toContain(`data-help-name="${type}"`);
      const catalogue = JSON.parse(await nodeRed.get(`/locales/${manifest.name}/${type}?lng=${language}`));
      expect(/\p{Script=Han}/u.test(JSON.stringify(catalogue[type].label))).toBe(language === "zh-CN");
    }
  });

  it("offers the example that the README begins with in the import menu, and it sends a text", async () => {
    const readme = await readFile(join(repository, "packages/node-red/README.md"), "utf8");
    expect(await readmeBlock("node-red", "sh")).toBe(`npm install ${manifest.name}\n`);
    const name = /→ `(01 - [^`]+)`/.exec(readme)?.[1] ?? "";
    expect(await nodeRed.get(`/library/examples/flows/${manifest.name}`)).toContain(name);
    const path = `/library/examples/flows/${manifest.name}/${encodeURIComponent(name)}`;
    const flow: Node[] = JSON.parse(await nodeRed.get(path));
    // What its user enters: AppID and AppSecret.
    const entered = { appId: DEFAULT_APP_ID, credentials: { appSecret: DEFAULT_APP_SECRET } };
    await nodeRed.deploy(flow.map((node) => (node.type === "wechat-oa-account" ? { ...node, ...entered } : node)));
    await nodeRed.post(`/inject/${flow.find(({ type }) => type === "inject")?.id}`, {});
    await expect.poll(() => simulator.ledger.messages.map(({ openid }) => openid)).toEqual([DEFAULT_FOLLOWER]);
  });
});
