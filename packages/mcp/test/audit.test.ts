import { hash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readConfiguration } from "../src/configuration.js";
import { Audit, type AuditOpenids } from "../src/safety/audit.js";
import type { Settings } from "../src/settings.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";
import { deskOf, hostOf } from "./support/desk.js";
import { fakeClient } from "./support/fake-client.js";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "wechat-mcp-audit-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

const linesOf = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

async function auditedHost(openids: AuditOpenids = "plain", settings: Partial<Settings> = {}, fake = fakeClient()) {
  const file = join(folder(), "audit.jsonl");
  const trouble = vi.fn();
  const audit = await Audit.open(file, openids, trouble);
  const { inbox, arrives } = inboxOf();
  await arrives(text("a follower's secret"));
  const host = await hostOf(
    deskOf({ inbox, recipients: { kind: "reply-only" }, client: fake.client }, settings, audit),
  );
  const call = (name: string, args: Record<string, unknown>) => host.callTool({ name, arguments: args });
  return { file, call, fake, trouble };
}

const SHA_OF_HI = hash("sha256", "hi 👋", "hex");

describe("the audit log", () => {
  it("has a line for every call: who, how long, which text by its hash, and what became of it", async () => {
    const { file, call } = await auditedHost();
    await call("send_wechat_text", { openid: OPENID, text: "hi 👋" });
    await call("send_wechat_text", { openid: OPENID, text: "hi 👋", dry_run: true });
    await call("send_wechat_text", { openid: "oStranger", text: "hi 👋" });
    await call("send_wechat_text", { openid: OPENID });
    await call("read_wechat_conversation", { openid: OPENID });
    await call("list_wechat_conversations", {});
    const content = { characters: 4, sha256: SHA_OF_HI };
    const sending = { tool: "send_wechat_text", openid: OPENID };
    const code = expect.any(String);
    expect(linesOf(file)).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        ...sending,
        ...content,
        outcome: "delivered",
        errcode: 0,
      },
      { time: expect.any(String), ...sending, ...content, outcome: "dry-run" },
      { time: expect.any(String), ...sending, openid: "oStranger", ...content, outcome: "not-delivered", code },
      { time: expect.any(String), ...sending, outcome: "not-delivered", code },
      { time: expect.any(String), tool: "read_wechat_conversation", openid: OPENID, outcome: "ok" },
      { time: expect.any(String), tool: "list_wechat_conversations", outcome: "ok" },
    ]);
  });

  it("holds no text of anybody, and no openid where only hashes are wanted", async () => {
    const { file, call } = await auditedHost("hash");
    await call("send_wechat_text", { openid: OPENID, text: "our secret" });
    await call("read_wechat_conversation", { openid: OPENID });
    const written = readFileSync(file, "utf8");
    expect(written).not.toMatch(/secret|oSimFollower/);
    expect(linesOf(file)[0]).toMatchObject({ openid_sha256: hash("sha256", OPENID, "hex") });
  });

  it("notes that a person was asked, and that a result was given twice", async () => {
    const { file, call } = await auditedHost();
    const args = { openid: OPENID, text: "hi", idempotency_key: "a" };
    await call("send_wechat_text", args);
    await call("send_wechat_text", args);
    expect(linesOf(file)).toMatchObject([{ outcome: "delivered" }, { outcome: "delivered", duplicate: true }]);
  });

  it("takes nothing for an openid or an account that is none: texts may be put there", async () => {
    const { file, call } = await auditedHost();
    await call("send_wechat_text", { openid: "a secret\nof two lines", text: "hi" });
    await call("send_wechat_text", { account: "a secret", openid: OPENID, text: "hi" });
    expect(readFileSync(file, "utf8")).not.toContain("secret");
    expect(linesOf(file)).toMatchObject([{ code: "WECHAT_VALIDATION" }, { code: "WECHAT_VALIDATION" }]);
  });

  it("is looked at before anything is sent: where its folder is gone, nothing is", async () => {
    const { file, call, fake } = await auditedHost();
    rmSync(dirname(file), { recursive: true });
    const refused = await call("send_wechat_text", { openid: OPENID, text: "hi" });
    expect(refused).toMatchObject({ structuredContent: { delivery: "not-delivered", code: "WECHAT_MCP_AUDIT" } });
    expect(fake.sent).toEqual([]);
    mkdirSync(dirname(file));
  });

  it("holds back a bounded number of lines while it cannot be written, and tells how many were lost", async () => {
    const file = join(folder(), "audit.jsonl");
    const audit = await Audit.open(file, "plain", () => {});
    rmSync(file);
    mkdirSync(file);
    for (let line = 1; line <= 1_500; line++) await audit.write({ tool: `tool ${line}`, outcome: "ok" });
    rmSync(file, { recursive: true });
    expect(await audit.ready()).toBe(true);
    const lines = linesOf(file);
    expect(lines[0]).toMatchObject({ lost: 500 });
    expect(lines.slice(1).map(({ tool }) => tool)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `tool ${501 + index}`),
    );
  });

  it("is given up as soon as others can read it", async () => {
    const { file, call, fake } = await auditedHost();
    await call("list_wechat_conversations", {});
    chmodSync(file, 0o644);
    const refused = await call("send_wechat_text", { openid: OPENID, text: "hi" });
    expect(refused).toMatchObject({ structuredContent: { code: "WECHAT_MCP_AUDIT" } });
    expect(fake.sent).toEqual([]);
    chmodSync(file, 0o600);
    expect(await call("send_wechat_text", { openid: OPENID, text: "hi" })).toMatchObject({
      structuredContent: { delivery: "delivered" },
    });
  });

  it("is a file that only its owner may read, and goes on where it was", async () => {
    const file = join(folder(), "audit.jsonl");
    for (const tool of ["one", "two"]) {
      const audit = await Audit.open(file, "plain", () => {});
      await audit.write({ tool, outcome: "ok" });
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(linesOf(file)).toMatchObject([{ tool: "one" }, { tool: "two" }]);
  });

  it("keeps the server from starting where it can be read by others, or not be written", async () => {
    const env = { WECHAT_APP_ID: "wx0123456789abcdef", WECHAT_APP_SECRET: "0".repeat(32) };
    const path = folder();
    const open = join(path, "open.jsonl");
    writeFileSync(open, "");
    chmodSync(open, 0o644);
    const toGroup = join(path, "group.jsonl");
    writeFileSync(toGroup, "");
    chmodSync(toGroup, 0o640);
    const own = join(path, "own.jsonl");
    writeFileSync(own, "", { mode: 0o600 });
    const link = join(path, "link.jsonl");
    symlinkSync(own, link);
    for (const file of [open, toGroup, link, path, join(path, "none", "audit.jsonl")]) {
      await expect(readConfiguration({ env: { ...env, WECHAT_MCP_AUDIT_FILE: file } })).rejects.toMatchObject({
        problems: [{ name: "WECHAT_MCP_AUDIT_FILE", problem: expect.not.stringContaining(path) }],
      });
    }
  });

  it("that cannot be written any more lets nothing be sent until it can, and loses no line", async () => {
    const { file, call, fake, trouble } = await auditedHost();
    await call("list_wechat_conversations", {});
    const kept = readFileSync(file, "utf8");
    rmSync(file);
    mkdirSync(file);
    expect(await call("list_wechat_conversations", { limit: 1 })).not.toMatchObject({ isError: true });
    const refused = await call("send_wechat_text", { openid: OPENID, text: "hi" });
    expect(refused).toMatchObject({ structuredContent: { delivery: "not-delivered", code: "WECHAT_MCP_AUDIT" } });
    expect(fake.sent).toEqual([]);
    expect(trouble.mock.calls).toEqual([["EISDIR"]]);
    rmSync(file, { recursive: true });
    writeFileSync(file, kept, { mode: 0o600 });
    expect(await call("send_wechat_text", { openid: OPENID, text: "hi" })).toMatchObject({
      structuredContent: { delivery: "delivered" },
    });
    expect(linesOf(file).map(({ tool, code }) => [tool, code])).toEqual([
      ["list_wechat_conversations", undefined],
      [undefined, undefined],
      ["list_wechat_conversations", undefined],
      ["send_wechat_text", "WECHAT_MCP_AUDIT"],
      ["send_wechat_text", undefined],
    ]);
  });
});
