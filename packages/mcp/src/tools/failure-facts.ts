import { WeChatError } from "@wechat-offiaccount/core";
import * as z from "zod";
import { plainLine } from "../safety/plain-line.js";

/** What every tool's output says of a failure. Optional fields, not an alternative: hosts drop tools with `anyOf`. */
export const failureFields = {
  code: z.string().optional().describe("On failure: a stable name for its kind, such as WECHAT_REPLY_WINDOW."),
  errcode: z.number().optional().describe("On failure, where WeChat answered: its errcode."),
  rid: z.string().optional().describe("On failure, where WeChat gave one: its request id."),
  next_step: z.string().optional().describe("What can be done next."),
  remedy_en: z.string().optional().describe("On failure: what to do about the cause."),
  remedy_zh: z.string().optional().describe("The same in Chinese."),
};

/** What went wrong, in the words of {@link failureFields}. */
export interface FailureFacts {
  readonly message: string;
  readonly code: string;
  readonly errcode?: number | undefined;
  readonly rid?: string | undefined;
  readonly remedy_en: string;
  readonly remedy_zh: string;
}

/** Of what was thrown. A message that is not core's is not repeated: nobody has checked what stands in it. */
export function factsOf(error: unknown): FailureFacts {
  if (!(error instanceof WeChatError)) return DEFECT;
  const { message, code, errcode, rid, remedy } = error;
  return { message: plainLine(message), code, errcode, rid, remedy_en: remedy.en, remedy_zh: remedy.zh };
}

/** A defect of ours. */
const DEFECT: FailureFacts = {
  code: "WECHAT_MCP_INTERNAL",
  message: "The server failed in a way it does not know.",
  remedy_en: "This is a defect of the server. Report it with the version of the server and what was called.",
  remedy_zh: "这是本服务的缺陷，请附上服务版本和调用方式反馈。",
};

/** The arguments do not fit the schema. Names the fields, never their values. */
export function factsOfInput(tool: string, schema: z.ZodObject, error: z.ZodError): FailureFacts {
  const faults = error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") return "there are arguments that it does not have";
    const field = issue.path.join(".");
    return field === "" ? "they are not an object" : `${field}: ${issue.message}`;
  });
  const fields = Object.entries(schema.shape).map(([field, { type }]) => `${field}${type === "optional" ? "?" : ""}`);
  return {
    code: "WECHAT_VALIDATION",
    message: `The arguments of ${tool} are not valid: ${faults.join("; ")}.`,
    remedy_en:
      fields.length > 0
        ? `Call it with these arguments and nothing else (? marks those that may be left out): ${fields.join(", ")}. Its input schema says what each takes.`
        : "Call it without arguments.",
    remedy_zh:
      fields.length > 0
        ? `请仅使用以下参数（带 ? 的可省略）：${fields.join("、")}；各参数的含义见该工具的输入模式。`
        : "调用时请不要带参数。",
  };
}

/** The plain sentences of a failure, for hosts that show text only. */
export function sentences(failure: {
  readonly message?: string | undefined;
  readonly next_step?: string | undefined;
  readonly remedy_en?: string | undefined;
  readonly remedy_zh?: string | undefined;
}): readonly string[] {
  const { message, next_step, remedy_en, remedy_zh } = failure;
  const lines = [
    ["What happened: ", message],
    ["Next step: ", next_step],
    ["Remedy: ", remedy_en],
    ["解决办法：", remedy_zh],
  ];
  return lines.filter(([, said]) => said).map((line) => line.join(""));
}
