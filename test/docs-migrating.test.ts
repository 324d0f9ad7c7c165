import { createRequire } from "node:module";
import { WeChatClient } from "@wechat-offiaccount/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { readPage } from "./support/markdown.js";

const load = createRequire(new URL("../packages/simulator/package.json", import.meta.url));
const CoWeChatApi: { prototype: object } = load("co-wechat-api");

/** The method that a cell begins with, such as `sendText` or `client.messages.sendText`. */
const methodIn = (cell: string) => /^`([\w.]+)\(/.exec(cell)?.[1];

describe.each(["docs/migrating-from-wechat-api.md", "docs/migrating-from-wechat-api.zh-CN.md"])("%s", (path) => {
  const rows = [...readPage(path).text.matchAll(/^\| (`.*?) +\| (`.*?) +\|$/gm)].map(([, before = "", after = ""]) => ({
    before: methodIn(before),
    after: methodIn(after),
  }));

  it("names methods that co-wechat-api has", () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ before }) => typeof Reflect.get(CoWeChatApi.prototype, before ?? "") !== "function")).toEqual(
      [],
    );
  });

  it("names methods that the client has", () => {
    const client = new WeChatClient({ appId: "wx00000000000000a1", tokenSource: async () => "token" });
    onTestFinished(() => client.close());
    const found = (name = "") =>
      name
        .split(".")
        .slice(1)
        .reduce<unknown>((value, key) => Reflect.get(Object(value), key), client);
    expect(rows.filter(({ after }) => typeof found(after) !== "function")).toEqual([]);
  });
});
