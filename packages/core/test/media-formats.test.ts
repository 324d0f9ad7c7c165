import { describe, expect, it } from "vitest";
import { HEAD_IMAGE, inWords, PERMANENT, recognise, rightFile, TEMPORARY } from "../src/api/media-formats.js";

const head = (text: string) => Buffer.from(text.padEnd(16, "\0"), "latin1");

describe("a format is known by its first bytes", () => {
  it.each([
    ["JPEG", "\xff\xd8\xff\xe1"],
    ["PNG", "\x89PNG\r\n\x1a\n"],
    ["GIF", "GIF87a"],
    ["BMP", "BM"],
    ["AMR", "#!AMR\n"],
    ["MP3", "ID3\x04"],
    ["MP3", "\xff\xfb\x90"],
    ["MP3", "\xff\xf3\x40"],
    ["WMA", "\x30\x26\xb2\x75\x8e\x66\xcf\x11"],
    ["WAV", "RIFF\x24\x08\0\0WAVE"],
    ["WebP", "RIFF\x24\x08\0\0WEBP"],
    ["MP4", "\0\0\0\x20ftypisom"],
    ["MP4", "\0\0\0\x18ftypmp42"],
    ["QuickTime", "\0\0\0\x14ftypqt  "],
    ["M4A", "\0\0\0\x20ftypM4A "],
    ["HEIC", "\0\0\0\x24ftypheic"],
    ["AVIF", "\0\0\0\x20ftypavif"],
  ])("%s", (name, begin) => {
    expect(recognise(head(begin))?.name).toBe(name);
  });

  it.each([
    ["AAC, which shares its first byte with MP3", "\xff\xf1\x50"],
    ["a text", "Hello"],
    ["JSON", "{}"],
    ["nothing", ""],
  ])("%s is not in the table", (_what, begin) => {
    expect(recognise(head(begin))).toBeUndefined();
  });

  it("no format is seen in fewer bytes than tell it", () => {
    for (const begin of ["\xff\xd8", "\x89PNG", "RIFF\0\0\0\0WAV", "\0\0\0\x18fty", "B"]) {
      expect(recognise(Buffer.from(begin, "latin1"))).toBeUndefined();
    }
  });
});

it("the rules say themselves what to give, in both languages", () => {
  expect(inWords(TEMPORARY.thumb)).toBe("JPEG, at most 64 KB");
  expect(inWords(PERMANENT.voice)).toBe("MP3, WMA, WAV, AMR, at most 2 MB");
  expect(rightFile(HEAD_IMAGE)).toEqual({
    en: "Give a file of one of these formats: JPEG, at most 5 MB.",
    zh: "请提供以下格式的文件：JPEG，不超过 5 MB。",
  });
});
