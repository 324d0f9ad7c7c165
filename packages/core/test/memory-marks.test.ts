import { expect, it } from "vitest";
import { Marks } from "../src/inbox/memory-marks.js";

it("a mark lasts until its end, though one that came after it ends earlier", () => {
  const marks = new Marks();
  // Makes the next two of one generation.
  marks.set("first", "push", 10, 0);
  marks.set("long", "push", 100, 1);
  marks.set("short", "push", 50, 2);
  expect(marks.get("long", 99)).toBe("push");
  expect(marks.get("long", 100)).toBeUndefined();
  // The next generation begins, and those two are the old one.
  marks.set("next", "push", 80, 20);
  expect(marks.get("long", 99)).toBe("push");
  expect(marks.get("next", 80)).toBeUndefined();
  expect(marks.get("long", 100)).toBeUndefined();
});
