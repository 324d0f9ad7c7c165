import { ENDPOINTS, explainError } from "@wechat-offiaccount/core";
import { expect, it } from "vitest";
import * as z from "zod";

/** What a caller gives, in one line. */
function inputOf(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.keys(properties)
    .map((name) => `\`${name}\`${required.includes(name) ? "" : "?"}`)
    .join(", ");
}

const RETRY = { send: "after -1", write: "after -1", read: "whatever may pass" };

function page(): string {
  const rows = ENDPOINTS.map(({ name, method, path, input, retry, limits = "", errcodes = [], source }) => {
    const codes = errcodes.map((errcode) => `${errcode} ${explainError(errcode).meaning.en}`).join("; ");
    return `| \`${name}\` | ${method} \`${path}\` | ${inputOf(input)} | ${RETRY[retry]} | ${limits} | ${codes} | [page](${source}) |`;
  });
  return [
    "# Endpoints",
    "",
    "Written by a test from the endpoint values in `packages/core/src/api/`; `pnpm exec vitest run --project fast",
    "test/docs-endpoints.test.ts -u` writes it anew. Every endpoint may also answer the errcodes of tokens, quotas and",
    "permissions, see `explainError`.",
    "",
    "| Method of the client | WeChat's endpoint | Input (? may be left out) | Repeated | Limits | Its own errcodes | Source |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

it("docs/endpoints.md says what the code does", async () => {
  await expect(page()).toMatchFileSnapshot("../docs/endpoints.md");
});

it("every endpoint value names a method of the client, a page of WeChat's and known errcodes", async () => {
  const { WeChatClient } = await import("@wechat-offiaccount/core");
  const client = new WeChatClient({ appId: "wx00000000000000a1", tokenSource: async () => "token" });
  for (const { name, source, errcodes = [] } of ENDPOINTS) {
    const [resource = "", method = ""] = name.split(".");
    expect(Reflect.get(Reflect.get(client, resource), method), name).toBeTypeOf("function");
    expect(source).toMatch(/^https:\/\/developers\.weixin\.qq\.com\//);
    for (const errcode of errcodes) expect(explainError(errcode).name, `${name} ${errcode}`).not.toBe("unknown");
  }
  expect(new Set(ENDPOINTS.map(({ name }) => name)).size).toBe(ENDPOINTS.length);
  await client.close();
});
