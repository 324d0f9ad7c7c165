import type { PushedMessage } from "@wechat-offiaccount/core";
import { describe, expect, it } from "vitest";
import { pushFilter } from "../../src/lib/push-filter.js";

const common = { openid: "oFollower", accountId: "gh_0123456789ab", createdAt: 1_700_000_000_000 };
const TEXT = { type: "text", ...common };
const PLACE = { type: "location", ...common };
const POSITION = { type: "event", event: "location", ...common };
const SCAN = { type: "event", event: "scan", ...common };
const NEW_EVENT = { type: "event", event: "unknown", eventName: "Brand_New", ...common };
const NEW_TYPE = { type: "unknown", msgType: "hologram", ...common };
const ALL: Record<string, PushedMessage> = { TEXT, PLACE, POSITION, SCAN, NEW_EVENT, NEW_TYPE };

function wanted(list: unknown): string[] {
  const filter = pushFilter(list);
  if ("unknownWord" in filter) throw new Error(filter.unknownWord);
  return Object.keys(ALL).filter((name) => filter.wants(ALL[name]!));
}

describe("a filter", () => {
  it.each<[unknown, string[]]>([
    ["", Object.keys(ALL)],
    [undefined, Object.keys(ALL)],
    [" , ", Object.keys(ALL)],
    ["text", ["TEXT"]],
    ["TEXT，Event:Scan", ["TEXT", "SCAN"]],
    ["location", ["PLACE"]],
    ["event:location", ["POSITION"]],
    ["event", ["POSITION", "SCAN", "NEW_EVENT"]],
    ["unknown", ["NEW_TYPE"]],
    ["event:unknown", ["NEW_EVENT"]],
    ["event:brand_new", ["NEW_EVENT"]],
  ])("%j lets through %j", (list, names) => {
    expect(wanted(list)).toEqual(names);
  });

  it.each(["subscribe", "text,txt", "event:", "event: scan"])("%j means nothing", (list) => {
    expect(pushFilter(list)).toHaveProperty("unknownWord");
  });
});
