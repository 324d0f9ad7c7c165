import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ENDPOINTS } from "@wechat-offiaccount/core";
import { expect, it } from "vitest";
import { type PublicThing, publicThings } from "./support/public-api.js";

const core = fileURLToPath(new URL("../packages/core/", import.meta.url));
const { exports } = JSON.parse(readFileSync(`${core}package.json`, "utf8"));
/** Of the package itself and of its subpaths. */
const things: PublicThing[] = Object.values<{ types?: string }>(exports).flatMap(({ types }) =>
  types === undefined ? [] : publicThings(core + types.replace("./", "")),
);

it("looks at exports, at their members, at parameters and at results", () => {
  expect(things.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "splitText",
      "SplitOptions.maxBytes",
      "WeChatClient.messages",
      "Messages.sendText",
      "WeChatError.remedy",
      "MenuMessage.items",
      "Agent.invitation",
      "AgentInvitation.expiresAt",
    ]),
  );
});

it("every export of core, and every public member that it leads to, has a docstring", () => {
  expect(things.filter(({ doc }) => doc === "").map(({ name }) => name)).toEqual([]);
});

it("every method that calls an endpoint says what it throws", () => {
  const silent = ENDPOINTS.map(({ name }) => name.replace(/^./, (letter) => letter.toUpperCase())).filter(
    (name) => !things.find((thing) => thing.name === name)?.tags.includes("throws"),
  );
  expect(silent).toEqual([]);
});
