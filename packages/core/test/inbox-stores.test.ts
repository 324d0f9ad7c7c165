import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { MemoryStore } from "../src/inbox/memory.js";
import { openSqliteStore } from "../src/inbox/sqlite.js";
import type { OpenedStore } from "./support/inbox.js";
import { describeNotes } from "./support/notes-contract.js";
import { describeStore } from "./support/store-contract.js";

const memory = async (): Promise<OpenedStore> => {
  const store = new MemoryStore();
  return { store, again: async () => store };
};

const sqlite = async (): Promise<OpenedStore> => {
  const folder = mkdtempSync(join(tmpdir(), "wechat-inbox-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "inbox.db");
  return { store: await openSqliteStore(path), again: () => openSqliteStore(path) };
};

describeStore("memory", memory);
describeNotes("memory", memory);
describeStore("SQLite", sqlite);
describeNotes("SQLite", sqlite);
