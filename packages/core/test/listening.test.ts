import { expect, it } from "vitest";
import { coveredSince, type Listener } from "../src/inbox/listening.js";

const NOW = 1000;
const LEASE = 30;
const listener = (since: number | undefined, beatAt: number, gone = false): Listener => ({
  owner: `${since}-${beatAt}`,
  ...(since !== undefined && { since }),
  beatAt,
  gone,
});

it.each<[string, Listener[], number | undefined]>([
  ["nobody listens", [], undefined],
  ["one listens", [listener(100, 990)], 100],
  ["one has just begun", [listener(NOW, NOW)], NOW],
  ["one is ready, but no push came yet", [listener(undefined, 990)], undefined],
  ["the last one is gone", [listener(100, 995, true)], undefined],
  ["the last one vanished", [listener(100, 960)], undefined],
  ["one took over while the other was there", [listener(100, 500, true), listener(400, 990)], 100],
  ["one took over in the moment the other left", [listener(100, 500, true), listener(500, 990)], 100],
  ["one came after the other had left", [listener(100, 500, true), listener(501, 990)], 501],
  ["one came soon after the other was killed, within its lease", [listener(100, 970), listener(975, 1000)], 975],
  ["the same, after its lease", [listener(100, 940), listener(945, 1000)], 945],
  ["both live", [listener(100, 976), listener(975, 1000)], 100],
  ["one is left, the newer one gone", [listener(100, 990), listener(985, 995, true)], 100],
  ["several took turns", [listener(600, 999), listener(100, 300), listener(250, 601, true)], 100],
])("%s", (_, listeners, since) => {
  expect(coveredSince({ listeners, completeSince: 0 }, NOW, LEASE)).toBe(since);
});

it("what the store has lost counts as a gap", () => {
  expect(coveredSince({ listeners: [listener(100, 990)], completeSince: 700 }, NOW, LEASE)).toBe(700);
  expect(coveredSince({ listeners: [], completeSince: 700 }, NOW, LEASE)).toBeUndefined();
});
