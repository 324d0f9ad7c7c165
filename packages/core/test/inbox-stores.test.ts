import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { MemoryStore } from "../src/inbox/memory.js";
import { openSqliteStore } from "../src/inbox/sqlite.js";
import { describeStore } from "./support/store-contract.js";

describeStore("memory", async () => {
  const store = new MemoryStore();
  return { store, again: async () => store };
});

describeStore("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wechat-inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "inbox.db");
  return { store: await openSqliteStore(path), again: () => openSqliteStore(path) };
});
