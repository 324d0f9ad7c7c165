import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { TOKEN_ENDPOINT_CATALOG } from "../src/error-catalog/credentials.js";
import { UNKNOWN_ERRCODE } from "../src/error-catalog/no-errcode.js";
import {
  CLIENT_REMEDY,
  ERROR_CATALOG,
  ERROR_SUBJECTS,
  type ErrorEntries,
  type ErrorEntry,
  TRANSPORT_REMEDY,
} from "../src/error-catalog.js";
import { explainError, WeChatApiError } from "../src/index.js";

const ENTRIES: [string, ErrorEntry][] = [
  ...Object.entries(ERROR_CATALOG),
  ...Object.entries(TOKEN_ENDPOINT_CATALOG).map(([errcode, entry]): [string, ErrorEntry] => [
    `token ${errcode}`,
    entry,
  ]),
  ["unknown", UNKNOWN_ERRCODE],
];
const codesWhere = (wanted: (entry: ErrorEntry) => boolean) =>
  Object.entries(ERROR_CATALOG).flatMap(([errcode, entry]) => (wanted(entry) ? [Number(errcode)] : []));
const duplicates = <T>(values: readonly T[]) => values.filter((value, index) => values.indexOf(value) !== index);

/** What the console of WeChat calls its items; an English reader has to find them there. */
const CONSOLE_ITEMS =
  /微信开发者平台|我的业务|公众号|API IP白名单|开发密钥|接口权限|客服功能|测试号|已认证的服务号、订阅号/g;

describe("the error catalogue", () => {
  it("explains no errcode in two subjects", () => {
    expect(duplicates(Object.values(ERROR_SUBJECTS).flatMap((entries) => Object.keys(entries)))).toEqual([]);
  });

  it("holds the errcodes of every file of its folder", async () => {
    const folder = new URL("../src/error-catalog/", import.meta.url);
    const written: ErrorEntries[] = [];
    for (const file of await readdir(folder)) {
      const module: Record<string, unknown> = await import(new URL(file, folder).href);
      for (const [name, value] of Object.entries(module))
        if (name.endsWith("_ERRORS")) written.push(value as ErrorEntries);
    }
    const codes = written.flatMap((entries) => Object.keys(entries)).sort();
    expect(codes).toEqual(Object.keys(ERROR_CATALOG).sort());
    expect(codes.length).toBeGreaterThan(200);
  });

  it("names each errcode differently, in words that a program can rely on", () => {
    const names = Object.values(ERROR_CATALOG).map(({ name }) => name);
    expect(duplicates(names)).toEqual([]);
    for (const { name } of Object.values(ERROR_CATALOG)) expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
    expect(names).not.toContain(UNKNOWN_ERRCODE.name);
  });

  it.each(ENTRIES)("speaks English and Chinese about %s", (_errcode, { meaning, remedy }) => {
    for (const text of [meaning.en, remedy.en]) {
      expect(text).toMatch(/[a-z]/);
      expect(text.replace(CONSOLE_ITEMS, "")).not.toMatch(/[\p{Script=Han}，。；：「」]/u);
    }
    for (const text of [meaning.zh, remedy.zh]) {
      expect(text).toMatch(/\p{Script=Han}/u);
      expect(text, "half-width punctuation after a Chinese character").not.toMatch(/\p{Script=Han}[,.;:?!()]/u);
    }
    expect(meaning.en).not.toMatch(/[.。]$/);
    expect(meaning.zh).not.toMatch(/[.。]$/);
    expect(remedy.en).not.toMatch(/contact|support team/i);
  });

  it("ends each remedy with a full stop", () => {
    const remedies = [
      ...ENTRIES.map(([, { remedy }]) => remedy),
      ...Object.values(TRANSPORT_REMEDY),
      ...Object.values(CLIENT_REMEDY),
    ];
    for (const { en, zh } of remedies) {
      expect(en).toMatch(/[^.]\.$/);
      expect(zh).toMatch(/[^。]。$/);
    }
  });

  it("has no gap to fill in but the IP address", () => {
    const gaps = ENTRIES.flatMap(([, { remedy }]) => `${remedy.en}${remedy.zh}`.match(/\{.*?\}/g) ?? []);
    expect(new Set(gaps)).toEqual(new Set(["{ip}"]));
    for (const errcode of codesWhere(({ remedy }) => remedy.en.includes("{ip}"))) {
      expect(explainError(errcode).remedy.zh).toContain("本机公网 IP");
    }
  });

  it.each([
    ["credential", [40001, 40013, 40014, 40125, 40243, 41001, 41002, 41004, 42001, 42007]],
    ["permission", [40164, 40200, 45087, 45094, 48001, 48004, 48008, 50004, 50007, 61004, 65400, 89503]],
    ["recipient", [40003, 43004, 43019, 48002, 50005, 70000]],
    ["reply-window", [45015, 45047]],
    ["quota", [45009, 45093, 48006]],
    ["rate", [45011]],
    ["content", [40007, 40033, 40213, 40214, 44004, 45002, 45008, 45162, 45166, 45168, 47001, 47003, 65401]],
    ["busy", [-1, 61450]],
    ["other", [0, 43002, 44002, 45080, 45081, 46007]],
  ])("has kind %s for the errcodes that callers branch on so", (kind, errcodes) => {
    for (const errcode of errcodes) expect(explainError(errcode), String(errcode)).toMatchObject({ errcode, kind });
  });

  it("calls busy only what leaves a message's delivery unknown, and a reply window only what WeChat calls so", () => {
    expect(codesWhere(({ kind }) => kind === "busy").sort()).toEqual([-1, 61450]);
    expect(codesWhere(({ kind }) => kind === "reply-window")).toEqual([45015, 45047]);
  });

  it("asks for a new token where WeChat refused the token, and only there", () => {
    expect(codesWhere(({ retry }) => retry === "token")).toEqual([40001, 40014, 42001, 42007]);
    for (const { retry } of Object.values(TOKEN_ENDPOINT_CATALOG)) expect(retry).not.toBe("token");
  });

  it("lets only what a pause can mend be tried again by itself", () => {
    expect(codesWhere(({ retry }) => retry === "later").sort((a, b) => a - b)).toEqual([
      -1, 45011, 45066, 46007, 53501, 61450,
    ]);
    expect(codesWhere(({ retry }) => retry === "benign").sort((a, b) => a - b)).toEqual([
      0, 45065, 45081, 61453, 65406, 65407, 65408, 65411, 65412,
    ]);
  });
});

describe("explainError", () => {
  it("gives name, kind, retry advice, meaning and remedy of an errcode", () => {
    expect(explainError(45047)).toMatchObject({
      errcode: 45047,
      name: "replies_used_up",
      kind: "reply-window",
      retry: "wait",
    });
    expect(explainError(45015).remedy.en).toContain("48 hours");
    expect(explainError(45015).remedy.zh).toContain("48 小时");
  });

  it("says where to look an unknown errcode up", () => {
    const explained = explainError(987654);
    expect(explained).toMatchObject({ errcode: 987654, name: "unknown", kind: "other", retry: "never" });
    expect(explained.remedy.en).toContain("return codes page");
    expect(explained.remedy.zh).toContain("全局返回码");
  });

  it("says the same as the error that a call throws", () => {
    const facts = { errcode: 40164, errmsg: "not in whitelist", endpoint: "GET /cgi-bin/token" };
    const { kind, meaning, remedy } = new WeChatApiError(facts);
    expect(explainError(40164)).toMatchObject({ kind, meaning, remedy });
  });
});
