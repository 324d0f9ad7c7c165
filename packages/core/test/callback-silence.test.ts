import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Silence } from "../src/callback/silence.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("ends all that is kept, and leaves no timer", async () => {
  const silence = new Silence();
  const kept = Promise.all([silence.keep(() => {}), silence.keep(() => {})]);
  silence.end();
  await kept;
  expect(vi.getTimerCount()).toBe(0);
});

it("holds nothing of a request that is gone, or that has waited its time", async () => {
  const silence = new Silence();
  const add = vi.spyOn(Set.prototype, "add");
  const gone = silence.keep((listener) => listener());
  const late = silence.keep(() => {});
  const ends: unknown = add.mock.contexts[0];
  add.mockRestore();
  await vi.advanceTimersByTimeAsync(5_500);
  await Promise.all([gone, late]);
  expect(ends).toEqual(new Set());
});
