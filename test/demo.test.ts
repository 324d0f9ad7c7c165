import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";

const main = fileURLToPath(new URL("../examples/demo/dist/main.js", import.meta.url));

/** `what pnpm demo` starts after the build. */
function demo(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const printed = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    printed.err += text;
  });
  return { child, printed, exit: once(child, "close").then(([code]) => code as number | null) };
}

it("demo --once sends one text through each door, shows the phone, and ends with 0", async () => {
  const { printed, exit } = demo(["--once"]);
  expect(await exit, printed.err + printed.out).toBe(0);
  const { out } = printed;
  expect(out.match(/✓ .*/g)?.map((line) => line.split(" ")[1])).toEqual(["code", "Node-RED", "MCP"]);
  expect(out.match(/│ .*/g)).toEqual([
    "│ 你好，我是一段代码 👩‍💻",
    "│ 你好，这是 Node-RED 发来的消息 👋",
    "│ 你好，我是 AI 智能体，经由 MCP 发送 🤖  (内容由第三方AI生成)",
  ]);
  expect(out).toContain("All three arrived.");
});

it("demo --once says why it failed and ends with 1", async () => {
  const { printed, exit } = demo(["--once"], { TMPDIR: "/nowhere" });
  expect(await exit).toBe(1);
  expect(printed.err).toMatch(/The demo could not start: .*\/nowhere/);
});

it("an unknown argument ends it with 2 and the usage", async () => {
  const { printed, exit } = demo(["--twice"]);
  expect(await exit).toBe(2);
  expect(printed.err).toMatch(/Unknown argument: --twice[\s\S]*Usage: /);
});

it("the demo stays up until Ctrl-C, and then nothing of it is left", async () => {
  const { child, printed, exit } = demo([]);
  while (!printed.out.includes("Ctrl-C ends all.")) await once(child.stdout, "data");
  const [editor = "", phone = ""] = printed.out.match(/http:\/\/127\.0\.0\.1:\d+\/\S*/g) ?? [];
  expect(await (await fetch(editor)).text()).toContain("<title>Node-RED</title>");
  expect(await (await fetch(phone)).text()).toContain("<title>微信公众号模拟器");
  expect(await (await fetch(`${phone}ledger`)).text()).toContain("你好，我是一段代码");
  child.kill("SIGINT");
  expect(await exit, printed.err).toBe(0);
  for (const url of [editor, phone]) await expect(fetch(url)).rejects.toThrow();
});
