import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { connectHost, type ServerCommand } from "../../packages/mcp/test/support/host.js";
import { simulated } from "../support/desk.js";
import { readmeBlock } from "../support/readme.js";
import { packTarballs, repository, run, tarballIn } from "../support/tarballs.js";

// What somebody does first who finds a package in the registry: its README's first example, word for word, in an empty
// folder. Only the tarball stands for the name that npm would look up, and WECHAT_API_BASE_URL leads to the local WeChat.
// Node-RED's is in installed-node-red.test.ts.

// npm asks its registry, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let scratch: string;
let tarballs: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "tarballs-"));
  tarballs = await packTarballs(scratch);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const NPM_INSTALL = ["install", "--no-audit", "--no-fund", "--no-package-lock"];

/** An empty folder of the user's with the tarballs installed; it ends with the test. */
async function folderWith(...names: string[]): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "first-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = names.map((name) => tarballIn(tarballs, join(repository, "packages", name)));
  await run("npm", [...NPM_INSTALL, ...(await Promise.all(files))], { cwd: folder });
  return folder;
}

/** All that npm put there. */
async function installedIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, "node_modules"));
  return entries.filter((name) => !name.startsWith("."));
}

/** An environment without the settings of who runs the tests. */
const environment = (more: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  ...more,
});

it("core: the first program sends a text", async () => {
  const simulator = await simulated();
  const folder = await folderWith("core");
  expect(await readdir(join(folder, "node_modules/@wechat-offiaccount"))).toEqual(["core"]);
  expect(await readmeBlock("core", "sh")).toBe("npm install @wechat-offiaccount/core\n");
  await writeFile(join(folder, "send.mjs"), await readmeBlock("core", "js"));
  const account = { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: DEFAULT_APP_SECRET };
  const env = environment({ ...account, WECHAT_API_BASE_URL: simulator.url });
  const send = () => run(process.execPath, ["send.mjs", DEFAULT_FOLLOWER], { cwd: folder, env });
  expect(await send()).toEqual({ stdout: "delivered\n", stderr: "" });
  expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["你好"]);
  simulator.addFollower({ openid: DEFAULT_FOLLOWER, window: "closed" });
  expect((await send()).stdout).toMatch(/^not-delivered .*\p{Script=Han}/u);
});

it("mcp: the first configuration sends a text, with core as its only other package of ours", async () => {
  const simulator = await simulated();
  const folder = await folderWith("mcp", "core");
  expect(await readdir(join(folder, "node_modules/@wechat-offiaccount"))).toEqual(["core", "mcp"]);
  const { mcpServers } = JSON.parse(await readmeBlock("mcp", "json"));
  const server: ServerCommand = mcpServers.wechat;
  // npx takes what the folder holds before it looks into a registry.
  const env = { ...server.env, WECHAT_API_BASE_URL: simulator.url };
  const host = await connectHost("v1", { ...server, cwd: folder, env });
  onTestFinished(() => host.close());
  const { version } = JSON.parse(await readFile(join(repository, "packages/mcp/package.json"), "utf8"));
  expect(host.info()).toMatchObject({ version });
  const { structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "你好 👋" });
  expect(structured).toMatchObject({ delivery: "delivered" });
  expect(simulator.ledger.messages.map(({ text }) => text)).toEqual(["你好 👋"]);
});

it("simulator: the first command serves a local WeChat, and the first program runs", async () => {
  const folder = await folderWith("simulator");
  expect(await installedIn(folder)).toEqual(["@types", "@wechat-offiaccount", "lit-html"]);
  const [command = "", ...args] = (await readmeBlock("simulator", "sh")).trim().split(" ");
  // A port that is free, because the default may be taken here.
  const child = spawn(command, [...args, "--port", "0"], { cwd: folder, env: environment(), detached: true });
  const ended = once(child, "close");
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    await ended;
  });
  let url: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined) break;
  }
  const query = new URLSearchParams({
    grant_type: "client_credential",
    appid: DEFAULT_APP_ID,
    secret: DEFAULT_APP_SECRET,
  });
  const answer = await fetch(`${url}/cgi-bin/token?${query}`);
  expect(await answer.json()).toMatchObject({ access_token: expect.any(String), expires_in: 7200 });

  await writeFile(join(folder, "program.mjs"), await readmeBlock("simulator", "ts"));
  const { stdout, stderr } = await run(process.execPath, ["program.mjs"], { cwd: folder, env: environment() });
  expect({ stdout, stderr }).toEqual({ stdout: "[]\n", stderr: "" });
});
