import { readdirSync } from "node:fs";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { compilerTrouble, isExample, type Program, programsOf, syntaxTrouble } from "./support/code-blocks.js";
import { requestOf } from "./support/curl.js";
import { simulated } from "./support/desk.js";
import { type Block, type Page, pages, parsePage } from "./support/markdown.js";
import { CALLBACK_TOKEN, ENCODING_AES_KEY, isTest, start } from "./support/run-block.js";
import { commandsOf } from "./support/shell-blocks.js";
import { repository } from "./support/tarballs.js";

/*
 * What a page may write behind the language of a block, where no reader sees it:
 * - run: it runs to its end; the `text` block right after it is what it prints
 * - serve: it is a callback on PORT that answers a text
 * - sketch: it needs what is not installed here; the page says so
 * Each is run with the local WeChat, in an account and folder of its own.
 */
const MARKS = ["run", "serve", "sketch"];

const PAGES = pages();
const PROGRAMS = PAGES.flatMap((page) => programsOf(page));
const EXAMPLES = readdirSync(`${repository}/examples`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".mjs") && !file.includes("node_modules"))
  .map((file) => `examples/${file}`);
const is = (mark: string) => (program: Program) => program.block.marks.includes(mark);

describe("what reads the programs", () => {
  const programs = (text: string) => programsOf(parsePage("p.md", text));

  it("lets a block go on from the ones before, unless it has imports of its own", () => {
    const [, second, third] = programs("```ts\nlet a = 1;\n```\n```ts\nlet a = 2;\n```\n```ts\nimport 'b';\n```\n");
    expect(second?.source).toBe("let a = 1;\n{\nlet a = 2;\n}\n");
    expect(third?.source).toBe("import 'b';\n");
  });

  it("notices what does not compile", () => {
    const wrong = programs(
      '```ts\nimport { WeChatClient } from "@wechat-offiaccount/core";\nnew WeChatClient({ appid: "wx" });\n```\n',
    );
    expect(compilerTrouble(wrong, "ts")).toEqual([expect.stringMatching(/^p\.md:1 .*'appid' does not exist/)]);
    const missing = programs('```js\nimport { WeChat } from "@wechat-offiaccount/core";\n```\n');
    expect(compilerTrouble(missing, "js")).toEqual([expect.stringMatching(/has no exported member.*'WeChat'/)]);
    expect(programs("```js\nif (\n```\n").flatMap(syntaxTrouble)[0]).toMatch(/^p\.md:1 .*expected/);
  });
});

it("no block has a mark that nobody knows", () => {
  const marked = PROGRAMS.flatMap(({ block }) => block.marks.map((mark) => ({ at: block.at, mark })));
  expect(marked.filter(({ mark }) => !MARKS.includes(mark))).toEqual([]);
});

/** Not by the compiler: a sketch, a file that its own test runs, JavaScript that runs here and may use untyped libraries. */
const checkedElsewhere = (program: Program) =>
  is("sketch")(program) ||
  isExample(program.block, EXAMPLES) ||
  (program.block.language === "js" && is("run")(program));

it.each(["ts", "js"] as const)("every %s block compiles against the built packages", (language) => {
  const programs = PROGRAMS.filter(({ block }) => block.language === language);
  expect(programs.length).toBeGreaterThan(0);
  expect(programs.flatMap(syntaxTrouble)).toEqual([]);
  const whole = programs.filter((program) => !checkedElsewhere(program));
  expect(compilerTrouble(whole, language)).toEqual([]);
});

/** The `text` block right after a block: what it prints. */
function printedBy(block: Block, { blocks }: Page): string {
  const next = blocks[blocks.indexOf(block) + 1];
  return next?.language === "text" ? next.code : "";
}

const pageOf = (block: Block): Page => {
  const page = PAGES.find(({ blocks }) => blocks.includes(block));
  if (!page) throw new Error(`${block.at} is on no page`);
  return page;
};

/** Of the blocks that run, those with which a program ends: what they go on from runs with them. */
const RUN = PROGRAMS.filter(is("run")).filter(
  (program) => !PROGRAMS.some((other) => is("run")(other) && other !== program && other.made.includes(program.block)),
);

it.each(RUN.map((program) => ({ at: program.block.at, program })))(
  "$at runs, and prints what the page says",
  async ({ program }) => {
    const simulator = await simulated();
    const { ended } = await start(program, simulator);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const printed = program.made.map((block) => printedBy(block, pageOf(block))).join("");
    if (isTest(program)) expect(stdout).toMatch(/Tests +\d+ passed \(/);
    else expect(stdout).toBe(printed);
  },
);

it.each(PROGRAMS.filter(is("serve")).map((program) => ({ at: program.block.at, program })))(
  "$at verifies its URL and answers a follower",
  async ({ program }) => {
    const simulator = await simulated();
    const { port, ended, stop } = await start(program, simulator);
    const callback = {
      callback: `http://127.0.0.1:${port}/wechat`,
      callbackToken: CALLBACK_TOKEN,
      encodingAesKey: ENCODING_AES_KEY,
    };
    await expect
      .poll(() =>
        simulator.setCallback(callback).then(
          () => "verified",
          (error) => error.message,
        ),
      )
      .toBe("verified");
    simulator.act(DEFAULT_FOLLOWER, { type: "text", text: "几点关门？" });
    await simulator.pushed();
    await expect
      .poll(() => simulator.ledger.messages.map(({ text }) => text))
      .toEqual([expect.stringContaining("几点关门？")]);
    expect(simulator.ledger.pushes.at(-1)).toMatchObject({ outcome: "accepted" });
    stop();
    expect((await ended).stderr).toBe("");
  },
);

it("every request to the local WeChat that a page shows is one that it takes", async () => {
  const simulator = await simulated();
  const shown = PAGES.flatMap(({ path, text, blocks }) => [
    ...blocks.filter(({ language }) => language === "sh").map(({ at, code }) => ({ at, code })),
    ...[...text.matchAll(/`(curl [^`]+)`/g)].map(([, code = ""]) => ({ at: path, code })),
  ]);
  const requests = shown.flatMap(({ at, code }) =>
    commandsOf(code)
      .filter(([program]) => program === "curl")
      .map(([, ...words]) => ({ at: `${at} ${words.join(" ")}`, request: requestOf(words) })),
  );
  expect(requests.length).toBeGreaterThan(6);
  for (const { at, request } of requests) {
    if ("trouble" in request) throw new Error(`${at}: ${request.trouble}`);
    const { method, url, body } = request;
    const place = url.replace("http://127.0.0.1:8787/", `${simulator.url}/`);
    expect(place, `${at} asks the local WeChat`).not.toBe(url);
    const response = await fetch(place, { method, ...(body !== undefined && { body }) });
    await response.body?.cancel(); // the events have no end
    expect(response.status, at).toBe(200);
  }
});
