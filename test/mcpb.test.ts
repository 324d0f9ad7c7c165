import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectHost, HOST_KINDS, type HostKind, type ServerCommand } from "../packages/mcp/test/support/host.js";
import { simulated } from "./support/desk.js";
import { commandFor, type InstalledBundle, installBundle } from "./support/mcpb.js";
import { repository, run } from "./support/tarballs.js";

let bundle: InstalledBundle;
beforeAll(async () => {
  bundle = await installBundle();
});
afterAll(() => bundle.remove());

const ACCOUNT = { app_id: DEFAULT_APP_ID, app_secret: DEFAULT_APP_SECRET };

/** The command of a host that knows the defaults of the bundle.manifest. */
const command = (entered: Record<string, string | boolean>) => commandFor(bundle, { ...ACCOUNT, ...entered });

/** The command of a host that knows no defaults and leaves the placeholders of empty fields as they are. */
function commandWithPlaceholders(entered: Record<string, string>): ServerCommand {
  const { command, args = [], env = {} } = bundle.manifest.server.mcp_config;
  const filled = Object.entries(env).map(([name, value]) => {
    const key = /^\$\{user_config\.(\w+)\}$/.exec(value)?.[1] ?? "";
    return [name, entered[key] ?? value];
  });
  return {
    command,
    args: args.map((arg) => arg.replace("${__dirname}", bundle.folder)),
    env: Object.fromEntries(filled),
  };
}

async function connected(kind: HostKind, server: ServerCommand) {
  const host = await connectHost(kind, server);
  onTestFinished(() => host.close());
  return host;
}

/** Starts the server by itself, with nobody at its stdin. */
const started = ({ command, args, env }: ServerCommand) => {
  const running = run(command, args, { env: { PATH: process.env.PATH, ...env } });
  running.child.stdin?.end();
  return running;
};

describe("the MCPB bundle", () => {
  it.each(HOST_KINDS)("with only what is required entered and a recipient, sends a text (%s client)", async (kind) => {
    const simulator = await simulated();
    const entered = { recipients: DEFAULT_FOLLOWER, api_base_url: simulator.url };
    const host = await connected(kind, await command(entered));
    await host.listTools();
    const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "你好 👋" });
    expect({ isError, delivery: structured.delivery }).toEqual({ isError: false, delivery: "delivered" });
    expect(simulator.ledger.messages).toMatchObject([{ openid: DEFAULT_FOLLOWER, text: "你好 👋", ai: true }]);
  });

  it("starts where a host leaves the placeholders of empty fields as they are", async () => {
    const simulator = await simulated();
    const server = commandWithPlaceholders({ ...ACCOUNT, api_base_url: simulator.url });
    expect(server.env.WECHAT_PROXY).toBe("${user_config.proxy}");
    const host = await connected("v1", server);
    const { isError, structured } = await host.callTool({ openid: DEFAULT_FOLLOWER, text: "hi" });
    // Nobody was entered as recipient, and a placeholder is nobody.
    expect({ isError, delivery: structured.delivery }).toEqual({ isError: true, delivery: "not-delivered" });
    expect(simulator.ledger.messages).toEqual([]);
  });

  it("says what is not set where a host leaves all placeholders as they are", async () => {
    const { stderr } = await started(commandWithPlaceholders({})).catch((error) => error);
    expect(stderr).toContain("- WECHAT_APP_ID: is not set.");
  });

  it("passes on what was switched on", async () => {
    const host = await connected("v1", await command({ inbox: "memory", read_only: true }));
    const { tools } = await host.listTools();
    expect(tools.map(({ name }) => name)).not.toContain("send_wechat_text");
  });

  it("names the tools in its manifest that it has with an inbox", async () => {
    const host = await connected("v2", await command({ inbox: "memory" }));
    const { tools } = await host.listTools();
    expect(bundle.manifest.tools?.map(({ name }) => name)).toEqual(tools.map(({ name }) => name));
  });

  it("has no SQLite, and says so with what to do", async () => {
    const server = await command({ inbox: `sqlite:${join(bundle.scratch, "inbox.db")}` });
    const { code, stdout, stderr } = await started(server).catch((error) => error);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("- WECHAT_INBOX: cannot be opened: an inbox in a SQLite file needs the package libsql.");
    expect(stderr).toContain("keep the inbox in Redis there");
    expect(stderr).toContain("请改用 Redis 收件箱");
    expect(await readdir(bundle.scratch)).not.toContain("inbox.db");
  });

  it("has the driver of Redis", async () => {
    // Nobody listens on port 1: only the driver can say so.
    const { stderr } = await started(await command({ inbox: "redis://127.0.0.1:1" })).catch((e) => e);
    expect(stderr).toContain("- WECHAT_INBOX: cannot be opened: Redis: connect ECONNREFUSED 127.0.0.1:1.");
  });

  it("holds the server in one file, the notices of what is in it, and no path of the machine that packed it", async () => {
    const entries = await readdir(bundle.folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(bundle.folder, join(entry.parentPath, entry.name)));
    expect(files.sort()).toEqual([
      "LICENSE",
      "THIRD-PARTY-LICENSES.txt",
      "manifest.json",
      "mcpb-resources/zh-CN.json",
      "package.json",
      "server/index.mjs",
    ]);
    for (const file of files) expect(await readFile(join(bundle.folder, file), "utf8"), file).not.toContain(repository);
    const licenses = await readFile(join(bundle.folder, "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["@modelcontextprotocol/server", "ioredis", "undici", "zod"]) {
      expect(licenses).toMatch(new RegExp(`^${name} [\\d.]+$`, "m"));
    }
  });
});

describe("the manifest of the bundle", () => {
  it("asks for variables that server.json lists too, each field once", async () => {
    const { packages } = JSON.parse(await readFile(join(repository, "packages/mcp/server.json"), "utf8"));
    const listed = packages[0].environmentVariables.map(({ name }: { name: string }) => name);
    const env = bundle.manifest.server.mcp_config.env ?? {};
    expect(listed).toEqual(expect.arrayContaining(Object.keys(env)));
    const fields = Object.keys(bundle.manifest.user_config ?? {}).map((key) => `\${user_config.${key}}`);
    expect(Object.values(env).sort()).toEqual(fields.sort());
  });

  it("gives every field that may stay empty a default, without which hosts pass the placeholder", () => {
    for (const [key, field] of Object.entries(bundle.manifest.user_config ?? {})) {
      expect(field.required === true || field.default !== undefined, key).toBe(true);
    }
  });

  it("hides what may hold a secret", () => {
    const sensitive = Object.entries(bundle.manifest.user_config ?? {}).filter(([, field]) => field.sensitive);
    expect(sensitive.map(([key]) => key)).toEqual(["app_secret", "inbox", "proxy"]);
  });

  it("is translated: every text that a locale may have, and no tool that there is not", async () => {
    const zh = JSON.parse(await readFile(join(bundle.folder, "mcpb-resources/zh-CN.json"), "utf8"));
    expect(Object.keys(zh).sort()).toEqual(["description", "display_name", "keywords", "long_description", "tools"]);
    expect(zh.tools.map(({ name }: { name: string }) => name)).toEqual(bundle.manifest.tools?.map(({ name }) => name));
    expect(JSON.stringify(zh.tools)).toMatch(/\p{Script=Han}/u);
  });
});
