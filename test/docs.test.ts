import { existsSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { openInbox } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { VARIABLES } from "../packages/mcp/src/variables.js";
import { CONFIG_RULES } from "./support/config-blocks.js";
import { anchorsOf, type Link, type Page, pages, parsePage, readPage } from "./support/markdown.js";
import { OWN_CODES } from "./support/own-codes.js";
import { commandsOf, troubleIn } from "./support/shell-blocks.js";
import { repository } from "./support/tarballs.js";

const PAGES = pages();
const blocksIn = (...languages: string[]) =>
  PAGES.flatMap(({ blocks }) => blocks.filter(({ language }) => languages.includes(language)));
/** Looked at here, in docs-code.test.ts (programs), or for the eye alone. */
const LANGUAGES = ["sh", "json", "ts", "js", "text", "", ...Object.keys(CONFIG_RULES)];
/** What has no Chinese twin: a table of names. */
const ENGLISH_ONLY = ["docs/endpoints.md"];
const IN_BOTH = PAGES.map(({ path }) => path).filter(
  (path) => /^(README|docs\/[^/]+)\.md$/.test(path) && !path.endsWith(".zh-CN.md") && !ENGLISH_ONLY.includes(path),
);
const twinOf = (path: string) => path.replace(/\.md$/, ".zh-CN.md");

describe("what reads the pages", () => {
  it("finds headings, links, images, tables and blocks, and no link in code", () => {
    const page = parsePage(
      "p.md",
      "# A `b` [c](d.md)\n## 微信：后台\n## 微信：后台\n[x](y.md#z) ![i](i.png) `[no](no.md)`\n| a |\n| - |\n- l\n\n  ```ts run\n  1;\n  ```\n",
    );
    expect(page.headings).toEqual([
      { level: 1, text: "A b c" },
      { level: 2, text: "微信：后台" },
      { level: 2, text: "微信：后台" },
    ]);
    expect([...anchorsOf(page)]).toEqual(["a-b-c", "微信后台", "微信后台-1"]);
    expect(page.links.map(({ target, image }) => [target, image])).toEqual([
      ["d.md", false],
      ["y.md#z", false],
      ["i.png", true],
    ]);
    expect(page.tableLines).toBe(2);
    expect(page.blocks).toEqual([{ at: "p.md:9", language: "ts", marks: ["run"], code: "1;\n" }]);
  });

  it("finds links over two lines and in HTML", () => {
    const page = parsePage(
      "p.md",
      'a `b\nc` [one\ntwo](x.md)\n- d ` e\n- [f](y.md) `\n\n<a class="k"\n href="z.md">g</a> \\<a href="no.md"> `<a href="no.md">`\n<img src="i.png">\n',
    );
    expect(page.links).toEqual([
      { at: "p.md:2", target: "x.md", image: false },
      { at: "p.md:5", target: "y.md", image: false },
      { at: "p.md:7", target: "z.md", image: false },
      { at: "p.md:9", target: "i.png", image: true },
    ]);
  });

  it("takes commands apart, and notices what does not exist", () => {
    expect(commandsOf("A=1 B='x y' node a.mjs \\\n  b # c\ncd x && pwd\nC=1\n")).toEqual([
      ["node", "a.mjs", "b"],
      ["cd", "x"],
      ["pwd"],
    ]);
    expect(
      troubleIn("npx -y pnpm@12 demo --once\nnode examples/script/answer.mjs\nwechat-offiaccount-mcp --http\n"),
    ).toEqual([]);
    expect(troubleIn("npx -y pnpm@12 demonstrate\nnode nowhere.mjs\nwechat-mcp\nnpx -y pnpm@12 mcp --htp\n")).toEqual([
      "there is no script demonstrate",
      "there is no file nowhere.mjs",
      "there is no command wechat-mcp",
      "packages/mcp/dist/cli.js knows no --htp",
    ]);
    expect(
      troubleIn(
        "npx -y pnpm@12 wechat docter\nwechat-offiaccount send --t X\nwechat-offiaccount-simulator --callback-toke x\nnpx @wechat-offiaccount/core COMMAND\n",
      ),
    ).toEqual([
      "packages/core/dist/cli.js knows no command docter",
      "packages/core/dist/cli.js knows no --t",
      "packages/simulator/dist/cli.js knows no --callback-toke",
      "packages/core/dist/cli.js knows no command COMMAND",
    ]);
    expect(troubleIn("curl -d '{}' -X PUT http://a/b\ncurl -Z http://a/b\n")).toEqual(["curl is not understood: -Z"]);
  });

  it("notices configurations that no program would read", () => {
    expect(CONFIG_RULES.nginx?.("server {\n  listen 443 ssl\n}\n")).toEqual(["listen 443 ssl"]);
    expect(CONFIG_RULES.nginx?.("location / {\n  proxy_pas http://a;\n}\n")).toEqual(["proxy_pas http://a;"]);
    expect(CONFIG_RULES.caddy?.("a.example {\n  reverse_prox 127.0.0.1:1880\n}\n}\n")).toEqual([
      "the braces do not match",
      "reverse_prox 127.0.0.1:1880",
    ]);
    expect(CONFIG_RULES.conf?.("appendonly yes\nappendonly\n")).toEqual(["appendonly"]);
  });
});

it("every block of every page is in a language that a test knows", () => {
  const unknown = PAGES.flatMap(({ blocks }) => blocks).filter(({ language }) => !LANGUAGES.includes(language));
  expect(unknown.map(({ at, language }) => `${at} ${language}`)).toEqual([]);
});

it("every json block is JSON", () => {
  const blocks = blocksIn("json");
  expect(blocks.length).toBeGreaterThan(10);
  for (const { at, code } of blocks) expect(() => JSON.parse(code), at).not.toThrow();
});

it("every command in a sh block exists, with its options", () => {
  const blocks = blocksIn("sh");
  expect(blocks.length).toBeGreaterThan(10);
  expect(blocks.flatMap(({ at, code }) => troubleIn(code).map((trouble) => `${at} ${trouble}`))).toEqual([]);
});

it("every configuration keeps the rules of its language", () => {
  const blocks = blocksIn(...Object.keys(CONFIG_RULES));
  expect(
    blocks.flatMap(({ at, language, code }) => (CONFIG_RULES[language]?.(code) ?? []).map((line) => `${at} ${line}`)),
  ).toEqual([]);
});

it("every WECHAT_… that a page names is a variable or a code", () => {
  const known = new Set([...VARIABLES, ...Object.values(OWN_CODES).flatMap((codes) => Object.keys(codes))]);
  const named = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/\bWECHAT_[A-Z_]*[A-Z]\b/g)].map(([word]) => ({ path, word })),
  );
  expect(named.filter(({ word }) => !known.has(word))).toEqual([]);
});

describe("every place of an inbox that a page names", () => {
  /** What stands behind the variable, and every word such as `sqlite:PATH` that is no web address. */
  const placesIn = (text: string) =>
    [
      ...text.matchAll(/WECHAT_INBOX(?:=|"?: ")([a-z]+)/g),
      ...text.matchAll(/(?<![\w:/.-])((?!https?:)[a-z]+):(?=\/|PATH|路径|[\w.]+\.db)/g),
    ].map(([, kind = ""]) => kind);

  /** What core says of a place that is only its kind. */
  async function refusal(kind: string): Promise<string> {
    try {
      await (await openInbox(kind === "memory" ? kind : `${kind}:`, { appId: "wx00000000000000a1" })).close();
      return "";
    } catch (error) {
      return String(error);
    }
  }
  const UNKNOWN = /is neither memory nor/;

  it("is one that core takes", async () => {
    const named = PAGES.flatMap(({ path, text }) => placesIn(text).map((kind) => ({ path, kind })));
    expect([...new Set(named.map(({ kind }) => kind))].sort()).toEqual(["memory", "redis", "rediss", "sqlite"]);
    for (const { path, kind } of named) expect(await refusal(kind), path).not.toMatch(UNKNOWN);
  });

  it("or is noticed", async () => {
    expect(placesIn("`sqlit:/a.db`, WECHAT_INBOX=memry, https://a, http://b")).toEqual(["memry", "sqlit"]);
    expect(await refusal("memry")).toMatch(UNKNOWN);
    expect(await refusal("sqlit")).toMatch(UNKNOWN);
  });
});

it("every example flow that a page names is there", () => {
  const flows = readdirSync(join(repository, "examples/node-red")).map((file) => file.replace(/\.json$/, ""));
  const named = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/\*\*(\d\d\s-\s[^*]+)\*\*/g)].map(([, name = ""]) => ({ path, name: name.replace(/\s+/g, " ") })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !flows.includes(name))).toEqual([]);
});

describe("links", () => {
  const all = PAGES.flatMap((page) => page.links.map((link) => ({ page, ...link })));
  const isExternal = ({ target }: Pick<Link, "target">) => /^[a-z]+:/.test(target);

  /** What a relative link misses: its file, or the heading in it. */
  function missing({ page, target }: { page: Page; target: string }): string | undefined {
    const [file = "", anchor] = decodeURIComponent(target).split("#");
    const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
    if (path.startsWith("..") || !existsSync(join(repository, path))) return `no file ${path}`;
    if (anchor === undefined) return undefined;
    return path.endsWith(".md") && anchorsOf(readPage(path)).has(anchor)
      ? undefined
      : `no heading #${anchor} in ${path}`;
  }

  it("to files, headings and images of the repository lead there", () => {
    const relative = all.filter((link) => !isExternal(link));
    expect(relative.length).toBeGreaterThan(50);
    expect(relative.flatMap((link) => (missing(link) ? [`${link.at} ${missing(link)}`] : []))).toEqual([]);
  });

  it("are noticed when they lead nowhere", () => {
    const page = readPage("README.md");
    expect(missing({ page, target: "docs/nothing.md" })).toBe("no file docs/nothing.md");
    expect(missing({ page, target: "../elsewhere.md" })).toBe("no file ../elsewhere.md");
    expect(missing({ page, target: "SECURITY.md#nothing" })).toBe("no heading #nothing in SECURITY.md");
    expect(missing({ page, target: "SECURITY.md#reporting" })).toBeUndefined();
  });

  it("to other places are https, and follow nobody", () => {
    const external = all.filter(isExternal).map(({ at, target }) => ({ at, target }));
    expect(external.length).toBeGreaterThan(20);
    expect(external.filter(({ target }) => !/^https:\/\/[^/?#]+\.[a-z]+([/?#]|$)/.test(target))).toEqual([]);
    expect(external.filter(({ target }) => /[?&](utm_|spm|from|share|ref)/.test(target))).toEqual([]);
  });
});

describe("twins", () => {
  it.each(IN_BOTH)("%s has one in Chinese, and they name each other", (path) => {
    const page = readPage(path);
    const twin = readPage(twinOf(path));
    const toOther = (from: Page, to: Page) => from.links.some(({ target }) => to.path.endsWith(target));
    expect([toOther(page, twin), toOther(twin, page)]).toEqual([true, true]);
  });

  const twins = PAGES.filter(({ path }) => path.endsWith(".zh-CN.md"));
  it.each(twins)(
    "$path has the headings, blocks and tables of the English page",
    ({ path, headings, blocks, tableLines }) => {
      const english = readPage(path.replace(".zh-CN.md", ".md"));
      expect(IN_BOTH).toContain(english.path);
      expect(headings.map(({ level }) => level)).toEqual(english.headings.map(({ level }) => level));
      const kinds = (page: Pick<Page, "blocks">) =>
        page.blocks.map(({ language, marks }) => [language, ...marks].join(" "));
      expect(kinds({ blocks })).toEqual(kinds(english));
      expect(tableLines).toBe(english.tableLines);
    },
  );

  /** Code without what is put into another language: comments, strings, a command's <placeholders>, the choice of it. */
  const bare = ({ language, code }: Page["blocks"][number]) =>
    ["text", "conf"].includes(language)
      ? ""
      : code
          .replace(language === "sh" ? /<[^<>\n]+>/g : /$^/, "<…>")
          .replace(/(^|\s)(\/\/|#).*$|\/\*\*.*\*\/$/gm, "")
          .replace(/`[^`]*`|"[^"\n]*"|'[^'\n]*'/g, "…")
          .replace(/remedy\.(en|zh)| --lang zh/g, "")
          .replace(/[ \t]+$/gm, "");
  it.each(twins)("$path has the code of the English page", ({ path, blocks }) => {
    const english = readPage(path.replace(".zh-CN.md", ".md"));
    expect(blocks.map(bare)).toEqual(english.blocks.map(bare));
  });

  it.each(twins)("$path leads wherever the English page leads", ({ path, links }) => {
    const placeOf = ({ target }: Link) =>
      target
        .replace(/#.*/, "")
        .replace(".zh-CN.md", ".md")
        .replace("-zh.png", ".png")
        .replace(/-(zh|en)-/, "-");
    const here = new Set(links.map(placeOf));
    const english = readPage(path.replace(".zh-CN.md", ".md"));
    const own = (place: string) => path.endsWith(place.replace(/\.md$/, ".zh-CN.md"));
    expect(english.links.map(placeOf).filter((place) => !here.has(place) && !own(place))).toEqual([]);
  });

  it.each(twins)("$path links to Chinese pages where there are any", ({ links, path }) => {
    const english = links.filter(({ target }) => {
      const [file = ""] = target.split("#");
      const linked = normalize(join(dirname(path), file));
      return (
        file.endsWith(".md") &&
        linked !== path.replace(".zh-CN.md", ".md") &&
        existsSync(join(repository, twinOf(linked)))
      );
    });
    expect(english.map(({ at, target }) => `${at} ${target}`)).toEqual([]);
  });
});
