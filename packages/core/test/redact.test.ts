import { describe, expect, it } from "vitest";
import { redact } from "../src/redact.js";

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
