import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { demo } from "./support/demo.js";

it("demo --once sends one text through each door, gets answers of bot and agent, and ends with 0", async () => {
  const { printed, exit } = demo(["--once"], { LC_ALL: "en_US.UTF-8" });
  expect(await exit, printed.err + printed.out).toBe(0);
  const { out } = printed;
  expect(out.match(/✓ .*/g)?.map((line) => line.replace(/ [\d.]+$/, ""))).toEqual([
    "✓ code",
    "✓ Node-RED",
    "✓ MCP",
    "✓ the FAQ bot answers",
    "✓ the agent answers",
  ]);
  expect(out).toMatch(
    /│ 你好，我是一段代码 👩‍💻\n.*│ 你好，这是 Node-RED 发来的消息 👋\n.*│ 你好，我是 AI 智能体，经由 MCP 发送 🤖 {2}\(内容由第三方AI生成\)/,
  );
  expect(out).toMatch(
    /│ > 几点营业？\n.*9:00[\s\S]*│ > 有 AI 智能体吗？[\s\S]*经由 MCP 回复.* {2}\(内容由第三方AI生成\)/,
  );
  expect(out).toContain("All arrived.");
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

it.each([
  ["en_US.UTF-8", "Ctrl-C ends all."],
  ["zh_CN.UTF-8", "按 Ctrl-C 全部结束。"],
])("with %s it shows four addresses, stays up until Ctrl-C, and then nothing of it is left", async (LC_ALL, last) => {
  const { child, printed, exit } = demo([], { LC_ALL });
  while (!printed.out.includes(last)) await once(child.stdout, "data");
  const [phone = "", editor = "", mcp = "", api = ""] = printed.out.match(/http:\/\/127\.0\.0\.1:\d+\S*/g) ?? [];
  const [tokenFile = ""] = printed.out.match(/\/\S*mcp-http-token/) ?? [];
  expect(await (await fetch(editor)).text()).toContain("<title>Node-RED</title>");
  expect(await (await fetch(phone)).text()).toContain("<title>微信公众号模拟器");
  expect(await (await fetch(`${phone}ledger`)).text()).toContain("欢迎关注");
  expect((await fetch(mcp, { method: "POST" })).status).toBe(401);
  expect(await (await fetch(`${api}/cgi-bin/token`)).json()).toMatchObject({ errcode: expect.any(Number) });
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  child.kill("SIGINT");
  expect(await exit, printed.err).toBe(0);
  for (const url of [phone, editor, mcp, api]) await expect(fetch(url)).rejects.toThrow();
  expect(existsSync(dirname(tokenFile))).toBe(false);
  expect(printed.err).toBe("");
});

it("ports that are taken are avoided", async () => {
  // Whoever has the usual ports, the second demo cannot have them.
  const first = demo([]);
  while (!first.printed.out.includes("mcp-http-token")) await once(first.child.stdout, "data");
  const second = demo(["--once"]);
  expect(await second.exit, second.printed.err + second.printed.out).toBe(0);
  first.child.kill("SIGINT");
  expect(await first.exit, first.printed.err).toBe(0);
});

it("demo --once that is interrupted does not say that all arrived", async () => {
  const { child, printed, exit } = demo(["--once"]);
  while (!printed.out.includes("✓")) await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await exit).toBe(1);
  expect(printed.out).not.toContain("All arrived.");
});

it("a demo that was killed leaves no server behind", async () => {
  const { child, printed } = demo([]);
  while (!printed.out.includes("mcp-http-token")) await once(child.stdout, "data");
  const urls = printed.out.match(/http:\/\/127\.0\.0\.1:\d+/g) ?? [];
  expect(urls).toHaveLength(4);
  child.kill("SIGKILL");
  for (const url of urls)
    await expect
      .poll(() =>
        fetch(url).then(
          () => "up",
          () => "gone",
        ),
      )
      .toBe("gone");
});
