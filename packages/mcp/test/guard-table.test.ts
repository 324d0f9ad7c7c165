import { describe, expect, it } from "vitest";
import { OPT_IN_TOOLS } from "../src/tools/opt-in.js";
import { VARIABLES } from "../src/variables.js";
import { type Cell, cellsOf, type Mode, OPENID, type ToolName, TRANSPORTS } from "./support/guarded-desk.js";

/** The columns; a tool that is missing here does not compile. */
const COLUMNS = [
  "list_wechat_conversations",
  "read_wechat_conversation",
  "wait_for_wechat_message",
  "send_wechat_text",
  "send_wechat_message",
  "send_wechat_template",
  "set_wechat_typing",
  "transfer_to_human",
  "check_wechat_account",
] as const satisfies readonly ToolName[];
type Missing = Exclude<ToolName, (typeof COLUMNS)[number]>;

/** A cell for each column. A column that is missing makes it a row that nothing fits. */
type Row = Missing extends never ? RowOf<typeof COLUMNS> : never;
type RowOf<Columns extends readonly string[]> = { readonly [Column in keyof Columns]: Cell };

// It does what it is for; it shows what it would do; there is no such tool.
const ACTS = "acts";
const DRY = "dry";
const NONE = "none";
// It refuses, with this code, and WeChat is not called.
const DENY = "WECHAT_MCP_RECIPIENT_DENIED";
const ASK = "WECHAT_MCP_NOT_CONFIRMED";
const RATE = "WECHAT_MCP_RATE";
const LOG = "WECHAT_MCP_AUDIT";
const GONE = "WECHAT_MCP_WINDOW_CLOSED";
const BAD = "WECHAT_VALIDATION";

const TOOLS_ALL = { WECHAT_MCP_TOOLS: OPT_IN_TOOLS.join(",") };
const LISTED = { ...TOOLS_ALL, WECHAT_MCP_RECIPIENTS: `oOther,${OPENID}` };
const OTHERS = { ...TOOLS_ALL, WECHAT_MCP_RECIPIENTS: `oOther,${OPENID}x,${OPENID.toLowerCase()}` };
const ANYONE = { ...TOOLS_ALL, WECHAT_MCP_RECIPIENTS: "*" };
const OPEN = { ...ANYONE, WECHAT_MCP_TEMPLATE_RECIPIENTS: "*" };
const READ_ONLY = { WECHAT_MCP_READ_ONLY: "on" };
const DRY_RUN = { WECHAT_MCP_DRY_RUN: "on" };
const REQUIRED = { WECHAT_MCP_CONFIRM: "required" };
const KEY = { idempotency_key: "k" };
/** What two accounts say of their recipients. */
const TWO = {
  shop: { WECHAT_MCP_RECIPIENTS: OPENID },
  help: { WECHAT_MCP_TEMPLATE_RECIPIENTS: OPENID, WECHAT_MCP_RECIPIENTS: "oOther" },
};

/** A row a mode: list, read (and mark), wait, text, message, template, typing, transfer, check. */
const TABLE: Readonly<Record<string, readonly [mode: Mode, row: Row]>> = {
  "as installed": [{ env: {} }, [NONE, NONE, NONE, DENY, NONE, NONE, NONE, NONE, ACTS]],
  "an inbox": [{ env: {}, past: "wrote" }, [ACTS, ACTS, ACTS, ACTS, NONE, NONE, NONE, NONE, ACTS]],
  "one tool named": [
    { env: { ...OPEN, WECHAT_MCP_TOOLS: "set_wechat_typing" } },
    [NONE, NONE, NONE, ACTS, NONE, NONE, ACTS, NONE, ACTS],
  ],
  "two tools named": [
    { env: { ...OPEN, WECHAT_MCP_TOOLS: "transfer_to_human,send_wechat_template" } },
    [NONE, NONE, NONE, ACTS, NONE, ACTS, NONE, ACTS, ACTS],
  ],

  "nobody named": [{ env: TOOLS_ALL }, [NONE, NONE, NONE, DENY, DENY, DENY, DENY, DENY, ACTS]],
  listed: [{ env: LISTED }, [NONE, NONE, NONE, ACTS, ACTS, DENY, ACTS, ACTS, ACTS]],
  "others listed": [{ env: OTHERS }, [NONE, NONE, NONE, DENY, DENY, DENY, DENY, DENY, ACTS]],
  "others listed, with a key": [{ env: OTHERS, extra: KEY }, [NONE, NONE, NONE, DENY, DENY, DENY, DENY, DENY, ACTS]],
  "others listed, and the window open": [
    { env: OTHERS, past: "wrote" },
    [ACTS, ACTS, ACTS, DENY, DENY, DENY, DENY, DENY, ACTS],
  ],
  "listed, and the window closed": [
    { env: LISTED, past: "wrote 3 days ago" },
    [ACTS, ACTS, ACTS, ACTS, ACTS, DENY, ACTS, ACTS, ACTS],
  ],
  anyone: [{ env: ANYONE }, [NONE, NONE, NONE, ACTS, ACTS, DENY, ACTS, ACTS, ACTS]],
  "anyone, who unsubscribed": [
    { env: OPEN, past: "unsubscribed" },
    [ACTS, ACTS, ACTS, GONE, GONE, GONE, GONE, GONE, ACTS],
  ],
  "all open": [{ env: OPEN, past: "wrote" }, [ACTS, ACTS, ACTS, ACTS, ACTS, ACTS, ACTS, ACTS, ACTS]],

  "reply-only, window open": [
    { env: TOOLS_ALL, past: "wrote" },
    [ACTS, ACTS, ACTS, ACTS, ACTS, DENY, ACTS, ACTS, ACTS],
  ],
  "reply-only by name, window closed": [
    { env: { ...TOOLS_ALL, WECHAT_MCP_RECIPIENTS: "reply-only" }, past: "wrote 3 days ago" },
    [ACTS, ACTS, ACTS, DENY, DENY, DENY, DENY, DENY, ACTS],
  ],
  "reply-only, replies used up": [
    { env: TOOLS_ALL, past: "was answered 5 times" },
    [ACTS, ACTS, ACTS, DENY, DENY, DENY, ACTS, ACTS, ACTS],
  ],

  "template listed, nobody else": [
    { env: { ...TOOLS_ALL, WECHAT_MCP_TEMPLATE_RECIPIENTS: OPENID } },
    [NONE, NONE, NONE, DENY, DENY, ACTS, DENY, DENY, ACTS],
  ],
  "template to others, the rest to anyone": [
    { env: { ...ANYONE, WECHAT_MCP_TEMPLATE_RECIPIENTS: "oOther" } },
    [NONE, NONE, NONE, ACTS, ACTS, DENY, ACTS, ACTS, ACTS],
  ],
  "template to anyone, the rest reply-only, window closed": [
    { env: { ...TOOLS_ALL, WECHAT_MCP_TEMPLATE_RECIPIENTS: "*" }, past: "wrote 3 days ago" },
    [ACTS, ACTS, ACTS, DENY, DENY, ACTS, DENY, DENY, ACTS],
  ],

  "read-only": [{ env: READ_ONLY, past: "wrote" }, [ACTS, BAD, ACTS, NONE, NONE, NONE, NONE, NONE, ACTS]],
  "read-only, all else open": [
    { env: { ...OPEN, ...READ_ONLY, WECHAT_MCP_CONFIRM: "off" }, past: "wrote", extra: { dry_run: false } },
    [ACTS, BAD, ACTS, NONE, NONE, NONE, NONE, NONE, ACTS],
  ],
  "read-only, all else open, no inbox": [
    { env: { ...OPEN, ...READ_ONLY } },
    [NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, ACTS],
  ],
  "read-only, two accounts, all else open": [
    { env: { ...OPEN, ...READ_ONLY }, past: "wrote", accounts: TWO, extra: { account: "shop" } },
    [ACTS, BAD, ACTS, NONE, NONE, NONE, NONE, NONE, ACTS],
  ],

  "dry run": [{ env: { ...OPEN, ...DRY_RUN }, past: "wrote" }, [ACTS, ACTS, ACTS, DRY, DRY, DRY, DRY, DRY, ACTS]],
  "dry run, the call says no": [
    { env: { ...OPEN, ...DRY_RUN }, extra: { dry_run: false, ...KEY } },
    [NONE, NONE, NONE, DRY, DRY, DRY, DRY, DRY, ACTS],
  ],
  "dry run of the call": [{ env: OPEN, extra: { dry_run: true } }, [NONE, NONE, NONE, DRY, DRY, DRY, DRY, DRY, ACTS]],
  "dry run of the call, others listed": [
    { env: OTHERS, extra: { dry_run: true } },
    [NONE, NONE, NONE, DENY, DENY, DENY, DENY, DENY, ACTS],
  ],
  "dry run, confirmation required": [
    { env: { ...OPEN, ...DRY_RUN, ...REQUIRED } },
    [NONE, NONE, NONE, DRY, DRY, DRY, DRY, DRY, ACTS],
  ],

  "confirmation required": [
    { env: { ...OPEN, ...REQUIRED }, past: "wrote" },
    [ACTS, ACTS, ACTS, ASK, ASK, ASK, ACTS, ASK, ACTS],
  ],
  "confirmation required, with a key": [
    { env: { ...OPEN, ...REQUIRED }, extra: KEY },
    [NONE, NONE, NONE, ASK, ASK, ASK, ACTS, ASK, ACTS],
  ],
  "confirmation required, others listed": [
    { env: { ...OTHERS, ...REQUIRED } },
    [NONE, NONE, NONE, DENY, DENY, DENY, DENY, DENY, ACTS],
  ],
  "confirmation if supported": [
    { env: { ...OPEN, WECHAT_MCP_CONFIRM: "if-supported" } },
    [NONE, NONE, NONE, ACTS, ACTS, ACTS, ACTS, ACTS, ACTS],
  ],

  "1 a minute to a follower": [
    { env: { ...OPEN, WECHAT_MCP_RATE_PER_FOLLOWER: "1" } },
    [NONE, NONE, NONE, ACTS, RATE, RATE, RATE, RATE, ACTS],
  ],
  "1 a minute in all, with a key": [
    { env: { ...OPEN, WECHAT_MCP_RATE_TOTAL: "1" }, past: "wrote", extra: KEY },
    [ACTS, ACTS, ACTS, ACTS, RATE, RATE, RATE, RATE, ACTS],
  ],

  "an audit log": [
    { env: { ...OPEN, WECHAT_MCP_AUDIT_FILE: "on" } },
    [NONE, NONE, NONE, ACTS, ACTS, ACTS, ACTS, ACTS, ACTS],
  ],
  "an audit log that cannot be written any more": [
    { env: { ...OPEN, WECHAT_MCP_AUDIT_FILE: "on" }, past: "wrote", auditBroken: true },
    [ACTS, ACTS, ACTS, LOG, LOG, LOG, LOG, LOG, ACTS],
  ],
  // Nothing was read before: the send itself is the first that finds the file gone.
  "an audit log that cannot be written any more, without an inbox": [
    { env: { ...OPEN, WECHAT_MCP_AUDIT_FILE: "on" }, auditBroken: true, extra: KEY },
    [NONE, NONE, NONE, LOG, LOG, LOG, LOG, LOG, ACTS],
  ],

  "two accounts, the first": [
    { env: TOOLS_ALL, accounts: TWO, past: "wrote", extra: { account: "shop" } },
    [ACTS, ACTS, ACTS, ACTS, ACTS, DENY, ACTS, ACTS, ACTS],
  ],
  "two accounts, the second": [
    { env: TOOLS_ALL, accounts: TWO, past: "wrote", extra: { account: "help" } },
    [ACTS, ACTS, ACTS, DENY, DENY, ACTS, DENY, DENY, ACTS],
  ],
  "two accounts, none named": [
    { env: OPEN, accounts: TWO, past: "wrote" },
    [BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD],
  ],
  "two accounts, one that there is not": [
    { env: OPEN, accounts: TWO, extra: { account: "constructor" } },
    [NONE, NONE, NONE, BAD, BAD, BAD, BAD, BAD, BAD],
  ],
};

describe("what each tool does, over stdio and over HTTP, as WeChat and the inbox saw it", () => {
  it.each(Object.entries(TABLE))("%s", async (_, [mode, row]) => {
    const expected = Object.fromEntries(COLUMNS.map((tool, column) => [tool, row[column]]));
    const cells = await Promise.all(TRANSPORTS.map((transport) => cellsOf(mode, transport)));
    expect(Object.fromEntries(TRANSPORTS.map((transport, index) => [transport, cells[index]]))).toEqual(
      Object.fromEntries(TRANSPORTS.map((transport) => [transport, expected])),
    );
  });
});

/** They guard nothing that a tool does: what a message looks like, how the log names people, who reaches the server. */
const NO_GUARDS = [
  "WECHAT_MCP_AI_LABEL",
  "WECHAT_MCP_AUDIT_OPENIDS",
  "WECHAT_MCP_HTTP_TOKEN",
  "WECHAT_MCP_HTTP_TOKEN_FILE",
  "WECHAT_MCP_ALLOWED_HOSTS",
];

it("each tool acts in some mode and does not in another, and each guard's setting has a mode", () => {
  const rows = Object.values(TABLE).map(([, row]) => row);
  for (const column of COLUMNS.keys()) {
    const cells = new Set(rows.map((row) => row[column]));
    expect(cells).toContain(ACTS);
    expect(cells.size).toBeGreaterThan(1);
  }
  const modes = JSON.stringify(Object.values(TABLE).map(([mode]) => mode));
  const guards = VARIABLES.filter((name) => name.startsWith("WECHAT_MCP_") && !NO_GUARDS.includes(name));
  expect(guards.filter((name) => !modes.includes(name))).toEqual([]);
});
