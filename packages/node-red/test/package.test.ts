import { execFile } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXAMPLES } from "./support/examples.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFile(join(root, path), "utf8");
const manifest = JSON.parse(await read("package.json"));
const nodes: [type: string, file: string][] = Object.entries(manifest["node-red"].nodes);

let packed: string;
let files: string[];
beforeAll(async () => {
  packed = await mkdtemp(join(tmpdir(), "packed-"));
  await run("npm", ["pack", "--pack-destination", packed], { cwd: root });
  const tarball = `wechat-offiaccount-node-red-${manifest.version}.tgz`;
  await run("tar", ["-xzf", tarball], { cwd: packed });
  const { stdout } = await run("tar", ["-tzf", tarball], { cwd: packed });
  files = stdout
    .split("\n")
    .filter((line) => line.startsWith("package/"))
    .map((line) => line.slice("package/".length));
});
afterAll(() => rm(packed, { recursive: true, force: true }));

describe("the package", () => {
  it("installs alone: nothing of the workspace in its dependencies", async () => {
    const published = JSON.parse(await readFile(join(packed, "package/package.json"), "utf8"));
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = published;
    expect(JSON.stringify({ dependencies, optionalDependencies, peerDependencies })).not.toContain("workspace:");
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(6);
    // Has native parts, so it is not bundled; who keeps the inbox in memory does without it.
    expect(Object.keys(optionalDependencies)).toEqual(["libsql"]);
  });

  it("holds what Node-RED looks for beside each node file", () => {
    for (const [type, file] of nodes) {
      expect(file).toBe(`dist/nodes/${type}.js`);
      expect(files).toContain(file);
      expect(files).toContain(file.replace(/\.js$/, ".html"));
      for (const language of ["en-US", "zh-CN", "zh"]) {
        expect(files).toContain(`dist/nodes/locales/${language}/${type}.json`);
        expect(files).toContain(`dist/nodes/locales/${language}/${type}.html`);
      }
    }
    expect(files).toContain("dist/core.js");
    expect(files).toContain("dist/ioredis.js");
    expect(files).toContain("dist/THIRD-PARTY-LICENSES.txt");
    for (const example of EXAMPLES) expect(files).toContain(`examples/${example}`);
  });

  it("holds no sources, tests, types or build leftovers", () => {
    expect(files.filter((file) => /\.(ts|tsbuildinfo|map|mjs)$|^(src|test|build)/.test(file))).toEqual([]);
  });

  it("runs from the tarball: the nodes load core as one module and register their types", async () => {
    const require = createRequire(join(packed, "package/package.json"));
    const registered: string[] = [];
    const registerType = (type: string) => registered.push(type);
    const admin = { httpAdmin: { post: () => {} }, auth: { needsPermission: () => () => {} } };
    const RED = {
      _: (key: string) => key,
      events: new EventEmitter(),
      nodes: { registerType },
      settings: {},
      ...admin,
    };
    for (const [, file] of nodes) require(`./${file}`).default(RED);
    expect(registered.sort()).toEqual(nodes.map(([type]) => type).sort());
    for (const [, file] of nodes) {
      expect(await readFile(join(packed, "package", file), "utf8")).toContain('require("../core.js")');
    }
  });
});

it("says how to install the driver where an inbox in a file is wanted and it is missing", async () => {
  const require = createRequire(join(packed, "package/package.json"));
  const { openInbox }: typeof import("@wechat-offiaccount/core") = require("./dist/core.js");
  const opening = openInbox(`sqlite:${join(packed, "inbox.db")}`, { appId: "wx0123456789abcdef" });
  await expect(opening).rejects.toMatchObject({
    code: "WECHAT_STORE",
    remedy: { en: expect.stringContaining("npm install libsql"), zh: expect.stringContaining("npm install libsql") },
  });
});

it("brings the driver of Redis along, with its licence", async () => {
  const require = createRequire(join(packed, "package/package.json"));
  const { RedisTokenStore }: typeof import("@wechat-offiaccount/core/redis") = require("./dist/core.js");
  const store = await RedisTokenStore.open({ url: "redis://127.0.0.1:1", onError: () => {} });
  await expect(store.read("key")).rejects.toMatchObject({
    code: "WECHAT_STORE",
    message: expect.stringContaining("ECONNREFUSED"),
  });
  await store.close();
  const licenses = await readFile(join(packed, "package/dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["ioredis", "denque", "undici"]) expect(licenses).toMatch(new RegExp(`^${name} [\\d.]+$`, "m"));
});

// The Node-RED scorecard (node-red-dev 0.1.6), as far as it can be checked without the network.
describe("the scorecard", () => {
  it("P01 P03 P04 P05: licence, place in the repository, scoped name, keyword", () => {
    expect(manifest.repository).toMatchObject({ directory: "packages/node-red" });
    expect(manifest.license).toBe("MIT");
    expect(manifest.name).toMatch(/^@[a-z\d][\w-.]+\/[a-z\d][\w-.]*$/);
    expect(manifest.keywords).toContain("node-red");
  });

  it("P06 P07: versions that Node-RED 4.1 and 5 satisfy", () => {
    expect(manifest["node-red"].version).toBe(">=4.1.0");
    expect(manifest.engines.node).toBe(">=20.19");
  });

  it("N01: each html registers its type with literals, inline, that the parser can read", async () => {
    for (const [type, file] of nodes) {
      const html = await read(file.replace(/\.js$/, ".html"));
      const scripts = [...html.matchAll(/<script.+?type=['"]text\/javascript['"].*?>([\S\s]*?)<\/script>/gi)];
      expect(scripts).toHaveLength(1);
      expect(scripts[0]![1]).toContain(`RED.nodes.registerType('${type}', {`);
      // Deferred scripts would let the node render grey.
      expect(html).not.toMatch(/<script[^>]+src=/);
      expect(html).not.toMatch(/#[0-9a-f]{3,6}\b(?!['"]?,\n)/i);
    }
  });

  it("N02: an example for each node that is no config node", async () => {
    const texts = await Promise.all(EXAMPLES.map((example) => read(`examples/${example}`)));
    const types = new Set(texts.flatMap((text) => JSON.parse(text).map((node: { type: string }) => node.type)));
    for (const [type] of nodes) expect(types).toContain(type);
  });
});
