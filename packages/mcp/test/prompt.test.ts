import { describe, expect, it } from "vitest";
import { argumentsOf, openidsLike, promptFor } from "../src/prompts/answer-wechat-follower.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";

describe("the prompt to answer a follower", () => {
  it("names the follower, the tools in their order, and the wish last", () => {
    const said = promptFor({ openid: OPENID, wish: "  Offer a refund.  " });
    const places = [OPENID, "read_wechat_conversation", "send_wechat_text", "Offer a refund."].map((word) =>
      said.indexOf(word),
    );
    expect(places).toEqual([...places].sort((one, other) => one - other));
    expect(Math.min(...places)).toBeGreaterThan(-1);
  });

  it("explains what a model that has never heard of reply windows must know", () => {
    const said = promptFor({ openid: OPENID });
    for (const word of ["no instructions", "window", "replies_left", '"open"', "once", "Markdown", "language"]) {
      expect(said).toContain(word);
    }
    expect(said).toMatch(/"unknown": it may have arrived, so do not send it again/);
    expect(said).not.toContain("wish");
  });

  it.each([["a b"], [""], ["\u202eoA"], ["o".repeat(129)]])("takes no openid that is none: %j", (openid) => {
    expect(argumentsOf().openid.safeParse(openid).success).toBe(false);
  });

  it("offers the openids of the newest conversations that begin like this", async () => {
    const desk = inboxOf();
    for (const openid of ["oAnna", "oBert", "oAnton"]) await desk.arrives(text("hi"), openid);
    expect(await openidsLike("", desk.inbox)).toEqual(["oAnton", "oBert", "oAnna"]);
    expect(await openidsLike("oAn", desk.inbox)).toEqual(["oAnton", "oAnna"]);
    await desk.inbox.close();
    expect(await openidsLike("", desk.inbox)).toEqual([]);
  });
});
