/**
 * The main job, live: a local WeChat, a real Node-RED and our MCP server; one text through each of the three doors.
 * `--once` ends with exit code 0 if all three arrived, else 1; without it everything stays up until Ctrl-C.
 */
import { WeChatClient } from "@wechat-offiaccount/core";
import {
  createSimulator,
  DEFAULT_APP_ID,
  DEFAULT_APP_SECRET,
  DEFAULT_FOLLOWER,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { startMcp } from "./mcp.js";
import { startNodeRed } from "./node-red.js";

const USAGE = `Usage: pnpm demo [--once]
  --once   send the three texts, print what the phone shows, and end: exit code 0 if all arrived, else 1`;

const CODE_TEXT = "你好，我是一段代码 👩‍💻";
const MCP_TEXT = "你好，我是 AI 智能体，经由 MCP 发送 🤖";
const PATIENCE = 20_000;

const running: { close(): Promise<unknown> }[] = [];
const say = (line = "") => process.stdout.write(`${line}\n`);

async function stopAll(): Promise<void> {
  for (const service of running.splice(0).reverse()) await service.close().catch(() => {});
}

/** The usual port where it is free, else any: the demo must not fail because something else runs. */
async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  return start(port).catch((error) => {
    if (!/EADDRINUSE|EACCES/.test(String(error))) throw error;
    return start(0);
  });
}

/** Waits until a message has reached the phone since there were `before`. */
async function arrival({ ledger }: Simulator, before: number): Promise<void> {
  const until = Date.now() + PATIENCE;
  while (ledger.messages.length <= before) {
    if (Date.now() > until) throw new Error(`nothing reached the phone within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function main(once: boolean): Promise<number> {
  say("WeChat Official Account demo · 微信公众号演示");
  say("Starting a local WeChat, Node-RED and the MCP server …");
  const simulator = await onPort(8787, (port) => createSimulator({ port }));
  running.push(simulator);
  const account = {
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_MCP_RECIPIENTS: DEFAULT_FOLLOWER,
  };
  const client = new WeChatClient({ appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET, baseUrl: simulator.url });
  running.push(client);
  const nodeRed = await onPort(1880, (port) => startNodeRed(port, account, (service) => running.push(service)));
  const mcp = await startMcp(account);
  running.push(mcp);
  if (interrupted) return 1;

  const doors: [string, () => Promise<unknown>][] = [
    ["code", () => client.messages.sendText(DEFAULT_FOLLOWER, CODE_TEXT)],
    [`Node-RED ${nodeRed.version}`, () => nodeRed.pressButton()],
    [
      "MCP",
      async () => {
        const { ok, words } = await mcp.sendText(DEFAULT_FOLLOWER, MCP_TEXT);
        if (!ok) throw new Error(words);
      },
    ],
  ];
  let failed = 0;
  say();
  say("One text through each door:");
  for (const [name, send] of doors) {
    if (interrupted) return 1;
    const before = simulator.ledger.messages.length;
    try {
      await send();
      await arrival(simulator, before);
      if (interrupted) return 1;
      say(`  ✓ ${name}`);
    } catch (error) {
      if (interrupted) return 1;
      failed++;
      say(`  ✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  say();
  say(`What the phone of the follower ${DEFAULT_FOLLOWER} shows:`);
  for (const { text, ai } of simulator.ledger.messages) say(`  │ ${text ?? ""}${ai ? "  (内容由第三方AI生成)" : ""}`);
  say();
  if (once) {
    say(failed === 0 ? "All three arrived." : `${failed} of ${doors.length} did not arrive.`);
    return failed === 0 ? 0 : 1;
  }
  say("Where to click:");
  say(`  Node-RED editor   ${nodeRed.url}/   press the button of the node "a text"`);
  say(`  The phone         ${simulator.url}/simulator/   all calls and messages; lets the follower write again`);
  say();
  say("A follower's message opens 5 replies; after them WeChat answers 45047 until the follower writes again.");
  say("Ctrl-C ends all.");
  await ended;
  return 0;
}

let endNow = () => {};
const ended = new Promise<void>((resolve) => {
  endNow = resolve;
});
let interrupted = false;
let work: Promise<number> = Promise.resolve(0);
const interrupt = async () => {
  if (interrupted) return;
  interrupted = true;
  say("\nStopping …");
  endNow();
  await stopAll();
  // What was being started at this moment ends too, and may have left something to close.
  await work.catch(() => {});
  await stopAll();
  process.exit(0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const flags = process.argv.slice(2).filter((flag) => flag !== "--");
const unknown = flags.find((flag) => !["--once", "--help", "-h"].includes(flag));
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`This needs Node.js 20.19 or newer; this is ${process.version}.\n`);
  process.exitCode = 1;
} else if (unknown !== undefined) {
  process.stderr.write(`Unknown argument: ${unknown}\n${USAGE}\n`);
  process.exitCode = 2;
} else if (flags.includes("--help") || flags.includes("-h")) {
  say(USAGE);
} else {
  try {
    work = main(flags.includes("--once"));
    process.exitCode = await work;
  } catch (error) {
    if (!interrupted) {
      process.stderr.write(`The demo could not start: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
  if (!interrupted) await stopAll();
}
