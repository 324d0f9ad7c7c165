import { describe, expect, it, vi } from "vitest";
import { accountOptions, receiveOptions } from "../../src/lib/account-settings.js";
import { failureOf } from "../../src/lib/failure.js";
import { closeGrace, InFlight } from "../../src/lib/in-flight.js";
import { toContent, toRecipient } from "../../src/lib/input-values.js";
import { DELIVERED, SendStatus } from "../../src/lib/send-status.js";
import { describe as describeInput } from "../../src/lib/typed-input.js";

/** How a setting names an environment variable. */
const variable = (name: string) => `\${${name}}`;

describe("toContent", () => {
  it("drops a byte order mark, and takes any view on bytes", () => {
    expect(toContent(Buffer.from("\ufeff你好"))).toEqual({ text: "你好" });
    expect(toContent(new TextEncoder().encode("你好"))).toEqual({ text: "你好" });
  });
  it("never prints an object", () => {
    for (const value of [{}, [], new Date(0), () => "text", Symbol("text")]) {
      expect(toContent(value)).toEqual({ problem: "contentObject" });
    }
  });
});

describe("toRecipient", () => {
  it("does not turn a number into an openid", () => {
    expect(toRecipient(123)).toEqual({ problem: "recipientNotText" });
  });
});

describe("a typed input in an error text", () => {
  it.each([
    ["msg", "payload.text", "msg.payload.text"],
    ["flow", "#:(file)::customer", "flow.customer"],
    ["global", "customer", "global.customer"],
    ["env", "NAME", variable("NAME")],
    ["env", `${variable("NAME")}-2`, variable(`${variable("NAME")}-2`)],
    ["jsonata", "a".repeat(70), `JSONata "${"a".repeat(60)}…"`],
    ["str", "", '""'],
  ])("%s %s", (type, value, shown) => {
    expect(describeInput({ type, value })).toBe(shown);
  });
});

describe("account settings", () => {
  const good = { appId: "wx00000000000000a1", appSecret: "s" };
  it("leave out what is not given, so that the client's defaults hold", () => {
    expect(accountOptions(good, (key) => key)).toEqual({ options: { ...good, tokenSource: "stable" } });
  });
  it.each(["appId", "appSecret", "baseUrl", "tokenSource"])("name the variable behind %s", (field) => {
    const checked = accountOptions({ ...good, [field]: variable("MY_VARIABLE") }, (key) => key);
    expect(checked).toMatchObject({ problem: { field, remedy: { en: expect.stringContaining("MY_VARIABLE") } } });
  });
  it("name a variable as it was written formerly", () => {
    const checked = accountOptions({ ...good, appSecret: "$(MY_VARIABLE)" }, (key) => key);
    const remedy = { en: expect.stringContaining("MY_VARIABLE") };
    expect(checked).toMatchObject({
      problem: { field: "appSecret", message: expect.stringContaining("variableNotSet"), remedy },
    });
  });
  it.each(["/wechat/", "/wechat//", "/wechat"])("take %s for the path /wechat", (callbackPath) => {
    const settings = { ...good, callbackToken: "abc", callbackPath };
    expect(receiveOptions(settings, "/", (key) => key)).toMatchObject({ callback: { path: "/wechat" } });
  });
});

describe("an error that is not ours", () => {
  it("says nothing is known about the delivery, and shows no token", () => {
    const { delivery, details, error } = failureOf(new TypeError("GET /x?access_token=SENTINEL"), "en");
    expect(delivery).toBe("unknown");
    expect(details).toEqual({ code: "WECHAT_UNEXPECTED", message: "GET /x?access_token=***" });
    expect(`${error.message}${error.stack}`).not.toContain("SENTINEL");
  });
  it("may be no Error at all", () => {
    expect(failureOf("text", "zh").error.message).toBe("text");
    expect(failureOf(undefined, "zh").details.message).toBe("undefined");
  });
});

describe("SendStatus", () => {
  const NOT_DELIVERED = { text: "not delivered" };
  const UNKNOWN = { text: "unknown" };

  it("shows the worst outcome of those in flight together, and begins anew after", () => {
    const show = vi.fn();
    const status = new SendStatus(show);
    for (let i = 0; i < 3; i++) status.begin();
    status.end("unknown", UNKNOWN);
    status.end("not-delivered", NOT_DELIVERED);
    expect(show).toHaveBeenCalledTimes(1);
    status.end("delivered", DELIVERED);
    expect(show).toHaveBeenLastCalledWith(UNKNOWN);
    status.begin();
    status.end("delivered", DELIVERED);
    expect(show).toHaveBeenLastCalledWith(DELIVERED);
  });

  it("shows the last of equally bad outcomes", () => {
    const show = vi.fn();
    const status = new SendStatus(show);
    status.begin();
    status.begin();
    status.end("not-delivered", NOT_DELIVERED);
    status.end("not-delivered", { text: "another reason" });
    expect(show).toHaveBeenLastCalledWith({ text: "another reason" });
  });

  it("is silent once the node is closed", () => {
    const show = vi.fn();
    const status = new SendStatus(show);
    status.begin();
    status.close();
    expect(show).toHaveBeenLastCalledWith({});
    status.end("delivered", DELIVERED);
    status.begin();
    expect(show).toHaveBeenLastCalledWith({});
  });
});

describe("stopping", () => {
  it("takes a third of the runtime's limit at most, and 5 s at most", () => {
    expect(closeGrace({})).toBe(5000);
    expect(closeGrace({ nodeCloseTimeout: 60_000 })).toBe(5000);
    expect(closeGrace({ nodeCloseTimeout: 3000 })).toBe(1000);
  });

  it("waits, aborts, waits again, and then ends even if a message does not notice", async () => {
    vi.useFakeTimers();
    try {
      const inFlight = new InFlight();
      const deaf = inFlight.track(() => new Promise(() => {}));
      const reasons: unknown[] = [];
      const polite = inFlight.track(
        (signal) =>
          new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => {
              reasons.push(signal.reason);
              resolve();
            });
          }),
      );
      let drained = false;
      const drain = inFlight
        .drain(1000, () => "stopped")
        .then(() => {
          drained = true;
        });
      await vi.advanceTimersByTimeAsync(999);
      expect(reasons).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(reasons).toEqual(["stopped"]);
      await polite;
      expect(drained).toBe(false);
      await vi.advanceTimersByTimeAsync(1000);
      await drain;
      expect(inFlight.size).toBe(1);
      expect(deaf).toBeInstanceOf(Promise);
    } finally {
      vi.useRealTimers();
    }
  });
});
