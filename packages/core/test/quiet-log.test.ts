import { afterEach, expect, it, vi } from "vitest";
import { QuietLog } from "../src/quiet-log.js";

afterEach(() => {
  vi.useRealTimers();
});

it("a quiet log tells each kind once a minute, and how many of it came meanwhile", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const tell = vi.fn();
  const log = new QuietLog<string>(tell);
  for (const entry of ["first", "second", "third"]) log.note("a", entry);
  log.note("b", "another");
  expect(tell.mock.calls).toEqual([
    ["first", 0],
    ["another", 0],
  ]);
  vi.advanceTimersByTime(59_999);
  log.note("a", "fourth");
  expect(tell).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(1);
  log.note("a", "fifth");
  expect(tell).toHaveBeenLastCalledWith("fifth", 3);
});

it("a quiet log remembers a bounded number of kinds, as these may come from outside", () => {
  const tell = vi.fn();
  const log = new QuietLog<string>(tell);
  for (let kind = 0; kind < 1000; kind++) log.note(`kind ${kind}`, "told");
  expect(tell).toHaveBeenCalledTimes(1000);
  log.note("kind 999", "told before");
  expect(tell).toHaveBeenCalledTimes(1000);
});
