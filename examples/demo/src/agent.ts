import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import type { McpServer } from "./mcp.js";
import type { Service } from "./service.js";

/** Whom the agent answers: who asks for it. The rest is the FAQ bot's. */
const CALLED = /\bAI\b|智能体|\bagent\b/i;

const WAITED = z.looseObject({
  cursor: z.string().optional(),
  messages: z.array(z.looseObject({ openid: z.string(), text: z.string().optional() })),
});

/** In the language of the question. */
const answerTo = (text: string) =>
  /\p{Script=Han}/u.test(text)
    ? `您说：“${text}”。我是经由 MCP 回复的智能体（演示用的脚本，不是语言模型），接入您的模型即可真正作答。`
    : `You wrote: “${text}”. I am an agent that answers through MCP: a script of this demo, no language model. Connect yours, and it answers.`;

/** Milliseconds after which it tries again, where the server did not answer: the machine may have slept. */
const AGAIN = 1000;

/** An agent without a model: it waits for followers and answers, with the tools that a model would use. */
export function startAgent(mcp: McpServer, onError: (words: string) => void): Service {
  const ending = new AbortController();
  const { signal } = ending;
  let after: string | undefined;
  const turn = async () => {
    const { content } = await mcp.call("wait_for_wechat_message", { after, timeout_seconds: 45 }, signal);
    const { cursor, messages } = WAITED.parse(content);
    after = cursor ?? after;
    for (const { openid, text = "" } of messages) {
      if (!CALLED.test(text)) continue;
      const { ok, words } = await mcp.call("send_wechat_text", { openid, text: answerTo(text) });
      if (!ok) onError(words);
    }
  };
  const work = async () => {
    while (!signal.aborted) {
      await turn().catch(async (error) => {
        if (signal.aborted) return;
        onError(String(error));
        await pause(AGAIN, undefined, { signal }).catch(() => {});
      });
    }
  };
  const working = work();
  return {
    close: () => {
      ending.abort();
      return working;
    },
  };
}
