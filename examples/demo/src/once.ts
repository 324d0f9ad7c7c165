import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import type { Demo } from "./demo.js";
import type { OnceWords } from "./words.js";

const CODE_TEXT = "你好，我是一段代码 👩‍💻";
const MCP_TEXT = "你好，我是 AI 智能体，经由 MCP 发送 🤖";
const QUESTION = "几点营业？";
const CALL = "有 AI 智能体吗？";
/** Seconds. */
const PATIENCE = 20;

/**
 * One text through each of the three doors, and two of the follower that are answered: by the FAQ bot and by the agent.
 * @returns whether all of it arrived
 */
export async function runOnce(
  demo: Demo,
  words: OnceWords,
  say: (line?: string) => void,
  stopped: () => boolean,
): Promise<boolean> {
  const { simulator, client, nodeRed, mcp } = demo;
  const writes = (text: string) => void simulator.act(DEFAULT_FOLLOWER, { type: "text", text });
  const steps: [name: string, shown: RegExp, act: () => unknown][] = [
    [words.code, /一段代码/, () => client.messages.sendText(DEFAULT_FOLLOWER, CODE_TEXT)],
    [`Node-RED ${nodeRed.version}`, /Node-RED 发来/, () => nodeRed.pressButton()],
    [
      "MCP",
      /经由 MCP 发送/,
      async () => {
        const sent = await mcp.call("send_wechat_text", { openid: DEFAULT_FOLLOWER, text: MCP_TEXT });
        if (!sent.ok) throw new Error(sent.words);
      },
    ],
    [words.bot, /9:00/, () => writes(QUESTION)],
    [words.agent, /经由 MCP 回复/, () => writes(CALL)],
  ];
  let failed = 0;
  say();
  for (const [name, shown, act] of steps) {
    if (stopped()) return false;
    try {
      await act();
      if (!(await arrival(demo, shown, stopped))) throw new Error(words.late(PATIENCE));
      say(`  ✓ ${name}`);
    } catch (error) {
      if (stopped()) return false;
      failed++;
      say(`  ✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  say();
  say(words.shown(DEFAULT_FOLLOWER));
  for (const { text = "", mine, ai } of chat(demo)) {
    say(`  │ ${mine ? "> " : ""}${text.replaceAll("\n", "\n  │ ")}${ai ? "  (内容由第三方AI生成)" : ""}`);
  }
  say();
  say(failed === 0 ? words.arrived : words.missing(failed, steps.length));
  return failed === 0;
}

interface Bubble {
  readonly text: string;
  /** The follower's. */
  readonly mine: boolean;
  readonly ai: boolean;
}

/** What the phone shows, from top to bottom. */
function chat({ simulator: { ledger } }: Demo): Bubble[] {
  const theirs = ledger.messages.map(({ id, text = "", ai }) => ({ id, text, mine: false, ai }));
  const others = ledger.lines.map(({ id, text, from }) => ({ id, text, mine: from === "follower", ai: false }));
  return [...theirs, ...others].sort((a, b) => a.id - b.id);
}

/** Waits until a message from the account is on the phone, or nobody wants to know any more. */
async function arrival({ simulator: { ledger } }: Demo, shown: RegExp, stopped: () => boolean): Promise<boolean> {
  const until = Date.now() + PATIENCE * 1000;
  while (!stopped() && !ledger.messages.some(({ text = "" }) => shown.test(text))) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return !stopped();
}
