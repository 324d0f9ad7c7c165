import { expect, it } from "vitest";
import { headersOf } from "../src/transport/headers.js";

const raw = (...fields: string[]) => fields.map((field) => Buffer.from(field, "latin1"));

it("names of header fields are those in lower case, however the server wrote them", () => {
  expect({ ...headersOf(raw("Content-Type", "image/PNG", "LOCATION", "/A", "x-é", "é")) }).toEqual({
    "content-type": "image/PNG",
    location: "/A",
    "x-é": "é",
  });
});

it("a field that came several times has all its values, in their order", () => {
  const { "x-a": twice, "set-cookie": thrice } = headersOf(
    raw("X-A", "1", "Set-Cookie", "a", "x-a", "2", "set-cookie", "b", "SET-COOKIE", "c"),
  );
  expect(twice).toEqual(["1", "2"]);
  expect(thrice).toEqual(["a", "b", "c"]);
});

it("a name that every object has is a header like others", () => {
  expect(headersOf(raw("constructor", "1")).constructor).toBe("1");
  expect(headersOf([]).constructor).toBeUndefined();
});

it("a documented handler's headers are those that undici read", () => {
  const headers = { "content-type": "text/plain" };
  expect(headersOf(headers)).toBe(headers);
});
