import * as z from "zod";
import type { Audit } from "../safety/audit.js";
import type { Settings } from "../settings.js";
import { accountTools, type ToolAccount } from "./account-tools.js";
import { audited } from "./audited.js";
import { type FailureFacts, factsOfInput } from "./failure-facts.js";
import type { Tool } from "./tool.js";

/** What the tools work with. */
export interface Desk {
  readonly settings: Settings;
  /** One, or several with a name each. */
  readonly accounts: readonly ToolAccount[];
  /** Notes every call; absent: nothing is noted. */
  readonly audit?: Pick<Audit, "ready" | "write"> | undefined;
}

/** The tools of a server: of one account as they are; of several with an argument that says which. */
export function toolsOf({ settings, accounts, audit }: Desk): readonly Tool[] {
  const ofEach = accounts.map((account) => ({ account, tools: accountTools(account, settings, audit) }));
  const [only, ...others] = ofEach;
  const tools = only && others.length === 0 && only.account.name === undefined ? only.tools : joined(ofEach);
  return audit ? tools.map((tool) => audited(tool, audit)) : tools;
}

interface AccountTools {
  readonly account: ToolAccount;
  readonly tools: readonly Tool[];
}

/** One tool for each name, whichever accounts have it. */
function joined(ofEach: readonly AccountTools[]): readonly Tool[] {
  const byName = new Map<string, Map<string, Tool>>();
  for (const { account, tools } of ofEach) {
    for (const tool of tools) {
      const own = byName.get(tool.name) ?? new Map<string, Tool>();
      byName.set(tool.name, own.set(account.name ?? "", tool));
    }
  }
  return [...byName.values()].flatMap((own) => {
    const [first] = own.values();
    return first ? [chosenByAccount(first, own)] : [];
  });
}

/** @param first one of them; all are shown alike */
function chosenByAccount(first: Tool, own: ReadonlyMap<string, Tool>): Tool {
  const names = [...own.keys()];
  const account = z
    .enum(names)
    .describe(`Which Official Account: ${names.join(", ")}. An openid belongs to one of them.`);
  const inputSchema = z.strictObject({ account, ...first.inputSchema.shape });
  return {
    ...first,
    inputSchema,
    async handle(input, call) {
      const { account: name, ...rest } = fieldsOf(input);
      const tool = typeof name === "string" ? own.get(name) : undefined;
      if (!tool) return first.refusal(unknownAccount(first, inputSchema, input));
      const outcome = await tool.handle(rest, call);
      return "question" in outcome ? { question: `[${name}] ${outcome.question}` } : outcome;
    },
  };
}

function unknownAccount(tool: Tool, inputSchema: z.ZodObject, input: unknown): FailureFacts {
  const parsed = inputSchema.safeParse(input);
  // An account that has not this tool is not among the names, so that its call cannot be valid.
  return factsOfInput(tool.name, inputSchema, parsed.error ?? new z.ZodError([]));
}

const fieldsOf = (input: unknown): Readonly<Record<string, unknown>> =>
  typeof input === "object" && input !== null && !Array.isArray(input) ? { ...input } : {};
