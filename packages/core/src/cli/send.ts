import { addAbortSignal } from "node:stream";
import { fill } from "../bilingual.js";
import type { WeChatClient } from "../client.js";
import type { Delivery, PartResult } from "../delivery.js";
import { findingOf } from "../diagnosis/findings.js";
import type { Bilingual } from "../error-catalog.js";
import { WeChatError, WeChatTransportError, WeChatValidationError, wrong } from "../errors.js";
import { EXIT, errorJson, type Outcome, usageError } from "./outcome.js";
import { Paper } from "./paper.js";

const MAX_STDIN_BYTES = 1024 * 1024;

const DELIVERED: Bilingual = { en: "Delivered ({count} message(s)).", zh: "已送达（{count} 条消息）。" };
const WORDS: Readonly<Record<Delivery, Bilingual>> = {
  delivered: { en: "delivered", zh: "已送达" },
  "not-delivered": { en: "not delivered", zh: "未送达" },
  unknown: { en: "unknown whether it arrived", zh: "不知是否送达" },
};
const FAILED: Readonly<Record<Delivery, Bilingual>> = {
  delivered: { en: "Delivered, but: {finding}", zh: "已送达，但：{finding}" },
  "not-delivered": { en: "Not delivered: {finding}", zh: "未送达：{finding}" },
  unknown: { en: "Unknown whether it arrived: {finding}", zh: "不知是否送达：{finding}" },
};
const PART: Bilingual = { en: "message {number} of {count}: {words}", zh: "第 {number} 条，共 {count} 条：{words}" };
const TEXT_IN_UTF8: Bilingual = {
  en: "Give stdin a text in UTF-8 of at most 1 MiB.",
  zh: "请从标准输入提供 UTF-8 编码、不超过 1 MiB 的文本。",
};
const TOO_LONG: Bilingual = { en: "is longer than 1 MiB", zh: "超过 1 MiB" };
const BROKEN: Bilingual = { en: "cannot be read", zh: "无法读取" };
const NO_UTF8: Bilingual = { en: "is not UTF-8", zh: "不是 UTF-8 编码" };
/** What the arguments are called, so that an error can name what the user wrote. */
const ARGUMENT: Readonly<Record<string, string>> = { openid: "--to" };

/** Sends a text and tells what became of it. */
export async function send(client: WeChatClient, to: string, text: string, signal: AbortSignal): Promise<Outcome> {
  try {
    const content = text === "-" ? await fromStdin(signal) : text;
    const { delivery, parts, answer } = await client.messages.sendText(to, content, { signal });
    return {
      exitCode: EXIT.fine,
      json: { ok: true, delivery, parts, answer },
      isResult: true,
      print: (sheet, language) =>
        new Paper(sheet, language).marked("ok", fill(DELIVERED, { count: parts.length })).toString(),
    };
  } catch (error) {
    if (error instanceof WeChatValidationError) return usageError(renamed(error), "not-delivered");
    if (error instanceof WeChatError) return failure(error);
    throw error;
  }
}

function failure(error: WeChatError): Outcome {
  const { delivery = "unknown", parts = [] } = error;
  return {
    exitCode: delivery === "unknown" ? EXIT.unknown : EXIT.failed,
    json: { ok: false, delivery, parts, error: errorJson(error) },
    isResult: true,
    print: (sheet, language) => {
      const mark = delivery === "unknown" ? "warning" : "failed";
      const paper = new Paper(sheet, language).marked(mark, fill(FAILED[delivery], { finding: findingOf(error) }));
      if (parts.length > 1) for (const part of parts) paper.note(partLine(part, parts.length));
      return paper.remedy(error.remedy).rid(error.rid).toString();
    },
  };
}

const partLine = ({ index, delivery }: PartResult, count: number): Bilingual =>
  fill(PART, { number: index + 1, count, words: WORDS[delivery] });

/** The text that comes on stdin, without the line break that echo adds. */
async function fromStdin(signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin)) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > MAX_STDIN_BYTES) throw unreadable(TOO_LONG);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof WeChatValidationError) throw error;
    if (!signal.aborted) throw unreadable(BROKEN);
    const message = "stopped before there was a text to send";
    throw new WeChatTransportError(
      { reason: "aborted", message, sent: false },
      { delivery: "not-delivered", parts: [] },
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, "");
  } catch {
    throw unreadable(NO_UTF8);
  }
}

function unreadable(problem: Bilingual): WeChatValidationError {
  return new WeChatValidationError([wrong("stdin", problem, TEXT_IN_UTF8)]);
}

function renamed(error: WeChatValidationError): WeChatValidationError {
  const [first, ...others] = error.problems.map((found) => ({ ...found, field: ARGUMENT[found.field] ?? found.field }));
  return first ? new WeChatValidationError([first, ...others]) : error;
}
