import { describe, expect, it } from "vitest";
import { pictureSize } from "../src/tools/picture-size.js";
import { gif, jpeg, png, webp } from "./support/pictures.js";

describe("the size of a picture is read from its header", () => {
  it.each([
    ["PNG", "image/png", png(8001, 70_000), { width: 8001, height: 70_000 }],
    ["GIF", "image/gif", gif(640, 480), { width: 640, height: 480 }],
    ["a baseline JPEG", "image/jpeg", jpeg(1280, 960, 0xc0), { width: 1280, height: 960 }],
    ["a progressive JPEG", "image/jpeg", jpeg(1280, 960), { width: 1280, height: 960 }],
    ["a lossy WebP", "image/webp", webp("VP8 ", 16_383, 5), { width: 16_383, height: 5 }],
    ["a lossless WebP", "image/webp", webp("VP8L", 16_384, 9001), { width: 16_384, height: 9001 }],
    ["an extended WebP", "image/webp", webp("VP8X", 100_000, 5), { width: 100_000, height: 5 }],
  ])("of %s", (_, type, file, size) => {
    expect(pictureSize(file, type)).toEqual(size);
  });

  it.each([
    ["PNG", "image/png", png()],
    ["GIF", "image/gif", gif()],
    ["JPEG", "image/jpeg", jpeg()],
    ["WebP", "image/webp", webp("VP8X")],
  ])("a %s that is cut off anywhere throws nothing, and has a size or none", (_, type, file) => {
    for (let bytes = 0; bytes < file.length; bytes++) {
      expect([undefined, { width: 3, height: 2 }]).toContainEqual(pictureSize(file.subarray(0, bytes), type));
    }
  });

  it.each([
    ["no width", "image/png", png(0, 5)],
    ["another type", "image/bmp", png()],
    ["a name that every object has", "constructor", png()],
    ["another first chunk", "image/png", Buffer.from(png().toString("latin1").replace("IHDR", "tEXt"), "latin1")],
    [
      "an unknown kind of WebP",
      "image/webp",
      Buffer.from(webp("VP8X").toString("latin1").replace("VP8X", "ALPH"), "latin1"),
    ],
    ["a JPEG without a frame", "image/jpeg", Buffer.from("\xff\xd8\xff\xd9\0\0\0\0\0\0\0\0", "latin1")],
    ["a JPEG whose segments lead nowhere", "image/jpeg", Buffer.alloc(100_000, 0xff)],
  ])("%s has none", (_, type, file) => {
    expect(pictureSize(file, type)).toBeUndefined();
  });
});
