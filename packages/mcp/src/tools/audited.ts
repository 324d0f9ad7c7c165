import { isOpenid } from "@wechat-offiaccount/core";
import * as z from "zod";
import { isAccountName } from "../account-name.js";
import type { Audit, AuditEntry } from "../safety/audit.js";
import type { Question, Tool, ToolOutcome } from "./tool.js";

/** What an outcome says of itself, whatever the tool. */
const OUTCOME = z.object({
  status: z.string().optional(),
  delivery: z.string().optional(),
  code: z.string().optional(),
  errcode: z.number().optional(),
  rid: z.string().optional(),
  duplicate: z.boolean().optional(),
  parts: z.array(z.object({ errcode: z.number().optional(), rid: z.string().optional() })).optional(),
});
const INPUT = z.record(z.string(), z.unknown()).catch({});

/** The tool with a line in the audit log for each call. */
export function audited(tool: Tool, audit: Pick<Audit, "write">): Tool {
  return {
    ...tool,
    async handle(input, call) {
      let outcome: ToolOutcome | Question = tool.defect;
      try {
        outcome = await tool.handle(input, call);
        return outcome;
      } finally {
        await audit.write({ tool: tool.name, ...askedFor(tool, input), ...cameOf(outcome) });
      }
    },
  };
}

/** What the call was about. What is no openid or no name of an account is left out, as anything may stand there. */
function askedFor(tool: Tool, input: unknown): Pick<AuditEntry, "account" | "openid" | "content"> {
  const fields = INPUT.parse(input);
  const { account, openid } = fields;
  return {
    account: typeof account === "string" && isAccountName(account) ? account : undefined,
    openid: typeof openid === "string" && isOpenid(openid) ? openid : undefined,
    content: tool.contentOf?.(fields),
  };
}

function cameOf(outcome: ToolOutcome | Question): Omit<AuditEntry, "tool"> {
  if ("question" in outcome) return { outcome: "asked" };
  const { status, delivery, code, errcode, rid, duplicate, parts = [] } = OUTCOME.parse(outcome.structuredContent);
  const part = parts.find((part) => part.errcode) ?? parts[0];
  return {
    outcome: status === "dry-run" ? status : (delivery ?? (outcome.isError ? "failed" : "ok")),
    code,
    errcode: errcode ?? part?.errcode,
    rid: rid ?? part?.rid ?? parts[0]?.rid,
    duplicate,
  };
}
