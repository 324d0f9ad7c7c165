import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ERROR_CATALOG } from "../packages/core/src/error-catalog.js";
import { VARIABLES } from "../packages/mcp/src/variables.js";
import { OWN_CODES } from "./support/own-codes.js";
import { repository } from "./support/tarballs.js";
import { troubleshootingPage } from "./support/troubleshooting.js";

const PAGES = { en: "docs/troubleshooting.md", zh: "docs/troubleshooting.zh-CN.md" } as const;
const LANGUAGES = ["en", "zh"] as const;

/** Words in quotes that begin like a code, in the source of a package. */
function quotedCodes(name: string): Set<string> {
  const folder = join(repository, "packages", name, "src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const words = sources.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/"(WECHAT_[A-Z_]*[A-Z])"/g)].map(([, word = ""]) => word),
  );
  return new Set(words.filter((word) => !VARIABLES.includes(word)));
}

describe.each(LANGUAGES)("the troubleshooting page in %s", (language) => {
  it("says what the catalogue says", async () => {
    await expect(troubleshootingPage(language)).toMatchFileSnapshot(`../${PAGES[language]}`);
  });

  it("has a heading, and so an anchor, for each errcode and each code of ours", () => {
    const headings = [...readFileSync(join(repository, PAGES[language]), "utf8").matchAll(/^#+ (.+)$/gm)].map(
      ([, heading]) => heading,
    );
    const codes = [...Object.keys(ERROR_CATALOG), ...Object.values(OWN_CODES).flatMap((codes) => Object.keys(codes))];
    expect(codes.filter((code) => headings.filter((heading) => heading === code).length !== 1)).toEqual([]);
  });

  it("ends each remedy with a full stop, and leaves no placeholder", () => {
    const page = troubleshootingPage(language);
    expect(page).not.toMatch(/\{\w+\}(?!`)/);
    for (const { remedy } of Object.values(OWN_CODES).flatMap((codes) => Object.values(codes)))
      expect(remedy[language]).toMatch(language === "zh" ? /。$/ : /\.$/);
  });
});

it.each([
  ["core", ["core"]],
  ["node-red", ["core", "nodeRed"]],
  ["mcp", ["core", "mcp"]],
] as const)("the page knows every code that packages/%s can give", (name, places) => {
  const known = places.flatMap((place) => Object.keys(OWN_CODES[place]));
  expect([...quotedCodes(name)].filter((code) => !known.includes(code))).toEqual([]);
});

it("every code on the page is given by some package", () => {
  const given = new Set(["core", "node-red", "mcp"].flatMap((name) => [...quotedCodes(name)]));
  const told = Object.values(OWN_CODES).flatMap((codes) => Object.keys(codes));
  expect(told.filter((code) => !given.has(code) && !VARIABLES.includes(code))).toEqual([]);
});
