import { describe, expect, it } from "vitest";
import { type Prompt, promptFor, promptOf } from "../src/prompts/answer-wechat-follower.js";
import { inboxOf, OPENID, text } from "./support/conversations.js";

function promptOfDesk(): { prompt: Prompt } & ReturnType<typeof inboxOf> {
  const desk = inboxOf();
  const prompt = promptOf([{ name: undefined, inbox: desk.inbox }]);
  if (!prompt) throw new Error("there is no prompt");
  return { prompt, ...desk };
}

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
    expect(promptOfDesk().prompt.argsShape.openid.safeParse(openid).success).toBe(false);
  });

  it("offers the openids of the newest conversations that begin like this", async () => {
    const { prompt, inbox, arrives } = promptOfDesk();
    for (const openid of ["oAnna", "oBert", "oAnton"]) await arrives(text("hi"), openid);
    expect(await prompt.openidsLike("")).toEqual(["oAnton", "oBert", "oAnna"]);
    expect(await prompt.openidsLike("oAn")).toEqual(["oAnton", "oAnna"]);
    await inbox.close();
    expect(await prompt.openidsLike("")).toEqual([]);
  });

  it("says the account, which must be one that has an inbox, where there are several", () => {
    const { inbox } = inboxOf();
    const prompt = promptOf([{ name: "shop", inbox }, { name: "help" }]);
    expect(prompt?.argsShape.account?.safeParse("shop").success).toBe(true);
    expect(prompt?.argsShape.account?.safeParse("help").success).toBe(false);
    expect(prompt?.textFor({ openid: OPENID, account: "shop" })).toContain("account shop");
    expect(promptOf([{ name: undefined }])).toBeUndefined();
  });
});
