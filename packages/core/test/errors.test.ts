import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as errors from "../src/errors.js";

const at = { endpoint: "POST /cgi-bin/message/custom/send" };

describe("apiError", () => {
  it("takes rid and hint out of WeChat's words, in every form seen", () => {
    const read = (errmsg: string) => {
      const { rid, hint, errmsg: clean } = errors.apiError({ errcode: 45047, errmsg, ...at });
      return [clean, rid, hint];
    };
    expect(read("out of response count limit rid: 64a774ce-020c072d-6c820ec0")).toEqual([
      "out of response count limit",
      "64a774ce-020c072d-6c820ec0",
      undefined,
    ]);
    expect(read("api unauthorized, rid: 661cb99c-486f859f-5bc4f81a")).toEqual([
      "api unauthorized",
      "661cb99c-486f859f-5bc4f81a",
      undefined,
    ]);
    expect(read("data format error hint: [Yk06089037] rid: 661c9e77-385a09e0-65e38033")).toEqual([
      "data format error",
      "661c9e77-385a09e0-65e38033",
      "Yk06089037",
    ]);
    expect(read("invalid type hint: [piMxSa07643949]")).toEqual(["invalid type", undefined, "piMxSa07643949"]);
  });

  it.each([
    [40001, errors.WeChatCredentialError, "WECHAT_CREDENTIAL"],
    [48001, errors.WeChatPermissionError, "WECHAT_PERMISSION"],
    [40003, errors.WeChatRecipientError, "WECHAT_RECIPIENT"],
    [45015, errors.WeChatReplyWindowError, "WECHAT_REPLY_WINDOW"],
    [45047, errors.WeChatReplyWindowError, "WECHAT_REPLY_WINDOW"],
    [45009, errors.WeChatQuotaError, "WECHAT_QUOTA"],
    [45011, errors.WeChatRateError, "WECHAT_RATE"],
    [45002, errors.WeChatContentError, "WECHAT_CONTENT"],
    [-1, errors.WeChatBusyError, "WECHAT_BUSY"],
    [987654, errors.WeChatApiError, "WECHAT_API"],
  ])("%i is a %o with code %s", (errcode, Class, code) => {
    const error = errors.apiError({ errcode, errmsg: "words", ...at });
    expect(error).toBeInstanceOf(Class);
    expect(error).toBeInstanceOf(errors.WeChatError);
    expect(error).toMatchObject({ code, errcode, name: Class.name, endpoint: at.endpoint });
    expect(error.remedy.en).toMatch(/\w/);
    expect(error.remedy.zh).toMatch(/\p{Script=Han}/u);
  });

  it("names the IP address to add to the white list", () => {
    const errmsg =
      "invalid ip 120.244.112.8 ipv6 ::ffff:120.244.112.8, not in whitelist rid: 60891646-03eed615-7f6889ef";
    const { remedy, refusedIp } = errors.apiError({ errcode: 40164, errmsg, ...at });
    expect(refusedIp).toBe("120.244.112.8");
    expect(remedy.en).toContain("Add 120.244.112.8 to the API IP white list");
    expect(remedy.zh).toContain("120.244.112.8");
    expect(errors.apiError({ errcode: 40164, errmsg: "", ...at }).remedy.en).toContain("public IP address");
  });

  it("speaks of the AppSecret when the token endpoint answers 40001", () => {
    const facts = { errcode: 40001, errmsg: "invalid credential", ...at };
    expect(errors.apiError({ ...facts, atTokenEndpoint: true }).remedy.en).toContain("AppSecret");
    expect(errors.apiError(facts).remedy.en).toContain("stable_token");
    const busy = { ...facts, errcode: -1, errmsg: "system error" };
    expect(errors.apiError({ ...busy, atTokenEndpoint: true }).remedy.en).toBe("Try again later.");
    expect(errors.apiError(busy).remedy.en).toContain("may have arrived");
  });

  it("shows no secret that WeChat echoes, and no line breaks", () => {
    const errmsg = "bad access_token=86_sentinel\nor 86_sentinel here";
    const error = errors.apiError({ errcode: 40014, errmsg, ...at, secrets: ["86_sentinel"] });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("86_sentinel");
    expect(error.message).not.toContain("\n");
  });

  it("keeps its class, facts and message when an outcome is added", () => {
    const error = errors.apiError({ errcode: 45015, errmsg: "words rid: 64a774ce-020c072d-6c820ec0", ...at });
    const parts = [
      { index: 0, delivery: "delivered" as const },
      { index: 1, delivery: "not-delivered" as const },
    ];
    const whole = error.withOutcome({ delivery: "unknown", parts }).withOutcome({ delivery: "unknown", parts });
    expect(whole).toBeInstanceOf(errors.WeChatReplyWindowError);
    expect(whole).toMatchObject({ rid: "64a774ce-020c072d-6c820ec0", delivery: "unknown", parts });
    expect(whole.message).toBe(`${error.message} (of 2 parts 1 delivered, 1 not delivered, 0 unknown)`);
  });
});

describe("WeChatTransportError", () => {
  it("keeps code and message of its cause, but not what hangs on it", () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED via http://u:p@proxy:1/"), {
      code: "ECONNREFUSED",
      headers: "access_token=86_sentinel",
    });
    const error = new errors.WeChatTransportError({ reason: "connect", message: "no", sent: false, cause });
    const shown = inspect(error, { depth: 9 });
    expect(shown).toContain("ECONNREFUSED");
    expect(shown).not.toMatch(/sentinel|u:p/);
  });
});
