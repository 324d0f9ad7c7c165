import { readFileSync } from "node:fs";
import { REFUSALS, type RefusalReason } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { EXPLAINED_CODES, EXPLAINED_ERRCODES } from "../src/lib/send-status.js";
import { refusalRemedyOf } from "../src/lib/texts.js";

const TYPES = ["wechat-oa-account", "wechat-oa-conversation", "wechat-oa-receive", "wechat-oa-send"];
const built = (path: string) => readFileSync(new URL(`../dist/nodes/${path}`, import.meta.url), "utf8");
const catalogue = (language: string, type: string): object => JSON.parse(built(`locales/${language}/${type}.json`));

/** "a.b.c" → text, for each text of a catalogue. */
function flatten(value: object, prefix = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry === "string") texts.set(prefix + key, entry);
    else for (const [path, text] of flatten(entry, `${prefix}${key}.`)) texts.set(path, text);
  }
  return texts;
}
const placeholders = (text: string) => [...text.matchAll(/__\w+?__/g)].map(String).sort();

describe.each(TYPES)("%s", (type) => {
  const en = flatten(catalogue("en-US", type));
  const zh = flatten(catalogue("zh-CN", type));

  it("has the same keys and parameters in both languages, and no empty text", () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
    for (const [key, text] of en) {
      expect(placeholders(zh.get(key)!), key).toEqual(placeholders(text));
      expect(text.trim(), key).not.toBe("");
    }
  });

  it("is Chinese in Chinese", () => {
    const same = ["AppID", "AppSecret", "zh"];
    for (const [key, text] of zh) if (!same.includes(text)) expect(text, key).toMatch(/\p{Script=Han}/u);
  });

  it("gives plain zh, the runtime's language under LANG=zh_CN, the texts of zh-CN", () => {
    for (const extension of ["json", "html"]) {
      expect(built(`locales/zh/${type}.${extension}`)).toBe(built(`locales/zh-CN/${type}.${extension}`));
    }
  });

  it("has help in both languages, with the same sections and properties", () => {
    const outline = (language: string) => {
      const help = built(`locales/${language}/${type}.html`);
      expect(help).toContain(`data-help-name="${type}"`);
      // The style guide allows no other styling.
      expect(help).not.toMatch(/<(b|i|strong|em|font|style)\b|style=/);
      return [...help.matchAll(/<(h3|h4|dt|dd|li|p)\b/g)].map((match) => match[1]);
    };
    expect(outline("zh-CN")).toEqual(outline("en-US"));
  });

  it("has every text that editor and runtime ask for", () => {
    const asked = new Set(
      [...`${built(`${type}.html`)}${built(`${type}.js`)}`.matchAll(new RegExp(`${type}\\.([\\w.-]+\\w)`, "g"))].map(
        (match) => `${type}.${match[1]}`,
      ),
    );
    const known = new Set(en.keys());
    // The last is the permission of an admin route.
    const others = [`${type}.html`, `${type}.js`, `${type}.json`, `${type}.svg`, `${type}.write`];
    for (const key of asked) {
      if (!others.includes(key)) expect(known.has(key) || [...known].some((k) => k.startsWith(key)), key).toBe(true);
    }
  });
});

describe("what is told of a refused request", () => {
  it.each(Object.entries(REFUSALS))("%s names nothing that only a program has", (reason, { remedy }) => {
    const { en, zh } = refusalRemedyOf(reason as RefusalReason) ?? remedy;
    const options =
      /\b(mode:|express|onError|maxBodyBytes|maxConcurrent|previousEncodingAESKey|encodingAESKey|appId|handler)|处理函数/;
    expect(`${en} ${zh}`).not.toMatch(options);
  });

  it("knows no reason that core does not", () => {
    const reasons = Object.keys(REFUSALS);
    for (const key of flatten(catalogue("en-US", "wechat-oa-account")).keys()) {
      if (key.includes(".refusals.")) expect(reasons).toContain(key.split(".refusals.")[1]);
    }
  });
});

it("keeps every status under 20 characters", () => {
  for (const language of ["en-US", "zh-CN"]) {
    for (const type of ["wechat-oa-conversation", "wechat-oa-receive", "wechat-oa-send"]) {
      for (const [key, text] of flatten(catalogue(language, type))) {
        if (key.includes(".status.")) expect(text.replaceAll(/__\w+?__/g, "10000").length, key).toBeLessThan(20);
      }
    }
  }
});

it("has words for every errcode and code that the status explains", () => {
  const en = flatten(catalogue("en-US", "wechat-oa-send"));
  const texts = (group: string) =>
    [...en.keys()].filter((key) => key.includes(`.status.${group}.`)).map((key) => key.split(`.${group}.`)[1]);
  expect(texts("errcode").sort()).toEqual([...EXPLAINED_ERRCODES].map(String).sort());
  expect(texts("code").sort()).toEqual([...EXPLAINED_CODES].sort());
});
