import { describe, expect, it } from "vitest";
import { redact, redactForeign } from "../src/redact.js";

describe("redact", () => {
  it.each([
    [
      "https://api.weixin.qq.com/cgi-bin/x?access_token=86_abc-DEF&lang=zh",
      "https://api.weixin.qq.com/cgi-bin/x?access_token=***&lang=zh",
    ],
    ["GET /cgi-bin/token?appid=wx1&secret=0123 failed", "GET /cgi-bin/token?appid=wx1&secret=*** failed"],
    ['{"appid":"wx1","secret":"a\\"b"}', '{"appid":"wx1","secret":"***"}'],
    ["connect to http://user:pa%40ss@proxy:3128/ failed", "connect to http://***@proxy:3128/ failed"],
    ["redis://:hunter2@cache:6379", "redis://***@cache:6379"],
    ["nothing to hide: a=b, secretary=1", "nothing to hide: a=b, secretary=1"],
  ])("%s", (text, clean) => expect(redact(text)).toBe(clean));

  it("removes given values wherever they stand", () => {
    expect(redact("token 86_x!, again 86_x!", ["86_x!", undefined])).toBe("token ***, again ***");
  });
});

describe("redactForeign", () => {
  it("takes away what has the form of a secret too, and leaves rids, openids and words", () => {
    const secret = "0123456789abcdef0123456789abcdef";
    const token = `88_${"aB3-_".repeat(15)}`;
    expect(redactForeign(`secret ${secret}, token ${token}.`)).toBe("secret ***, token ***.");
    const harmless = "rid: 5f8a8d3f-23481cad-4cebf21e hint: [Abc12_3f4] oSimFollower000000000000000001";
    expect(redactForeign(harmless)).toBe(harmless);
    expect(redactForeign("my pass word", ["pass"])).toBe("my *** word");
  });
});
