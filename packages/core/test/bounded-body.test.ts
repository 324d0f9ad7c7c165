import { expect, it } from "vitest";
import { collectGarbage } from "../../../test/support/garbage.js";
import { BoundedBody } from "../src/callback/bounded-body.js";
import { answerOf, callbackWith, pushOf, settled, textXml } from "./support/pushes.js";

it.each([
  [0, 200],
  [1, 413],
])("a body %i bytes above the limit is answered with %i", async (above, status) => {
  const push = pushOf(textXml());
  const { callback } = callbackWith({ maxBodyBytes: Buffer.byteLength(push.body) - above });
  expect(await answerOf(callback, push)).toMatchObject({ status });
});

it("nothing of a body is kept that is over the limit", async () => {
  const body = new BoundedBody(100);
  const chunks = [90, 90, 90].map((bytes) => {
    const chunk = new Uint8Array(bytes);
    body.add(chunk);
    return new WeakRef(chunk);
  });
  // A weak reference holds on until the turn ends that made it.
  await settled();
  collectGarbage();
  expect(chunks.map((chunk) => chunk.deref())).toEqual([undefined, undefined, undefined]);
  expect(() => body.whole()).toThrow("too-large");
});
