import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { testProcesses } from "./support/inbox-processes.js";

testProcesses("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wechat-inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return `sqlite:${join(folder, "inbox.db")}`;
});
