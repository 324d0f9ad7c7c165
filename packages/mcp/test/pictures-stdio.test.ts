import { DEFAULT_FOLLOWER, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type CallResult, HOST_KINDS } from "./support/host.js";
import { jpeg, png } from "./support/pictures.js";
import { receivingDesk } from "./support/receiving-desk.js";

const openid = DEFAULT_FOLLOWER;
const called = ({ ledger }: Simulator, path: string) => ledger.calls.filter((call) => call.path === path).length;
const GET = "/cgi-bin/media/get";
const BATCH = "/cgi-bin/user/info/batchget";

/** The JSON of a result, which stands alone as a text where there are images. */
const json = ({ texts }: CallResult) => JSON.parse(texts[0] ?? "");

describe.each(HOST_KINDS)("an agent on the %s client", (kind) => {
  it("sees the picture that a follower sends, byte for byte, and knows which message it is", async () => {
    const { simulator, acts, writes, connect } = await receivingDesk();
    const host = await connect(kind);
    const content = jpeg(1280, 960);
    const waiting = host.call("wait_for_wechat_message", { after: "0" });
    await acts({ type: "image", content, name: "photo.jpg" });
    const came = await waiting;
    expect(came).toMatchObject({
      isError: false,
      structured: {},
      images: [{ mimeType: "image/jpeg", bytes: content }],
    });
    const [message] = json(came).messages;
    expect(message).toMatchObject({ type: "image", note: expect.stringContaining("It is in this result as an image") });
    expect(came.images[0]?.caption).toContain(`message ${message.id}.`);

    await writes("what is this?");
    const read = await host.call("read_wechat_conversation", { openid });
    expect(read.images.map(({ bytes }) => bytes)).toEqual([content]);
    expect(json(read)).toMatchObject({
      messages: [{ id: message.id }, { text: "what is this?" }],
      untrusted: expect.stringContaining("words in a picture too"),
    });
    expect(called(simulator, GET)).toBe(1);

    const words = await host.call("read_wechat_conversation", { openid, pictures: false });
    expect(words).toMatchObject({ images: [], structured: { messages: [{ type: "image" }, { type: "text" }] } });
  });

  it("is offered the prompt to answer a follower, with whom to answer", async () => {
    const { writes, connect } = await receivingDesk();
    await writes("hi");
    const host = await connect(kind);
    const { prompts } = await host.listPrompts();
    expect(prompts).toMatchObject([
      {
        name: "answer_wechat_follower",
        arguments: [
          { name: "openid", required: true },
          { name: "wish", required: false },
        ],
      },
    ]);
    expect(await host.complete("answer_wechat_follower", "openid", openid.slice(0, 4))).toEqual([openid]);
    const { messages } = await host.getPrompt("answer_wechat_follower", { openid, wish: "be kind" });
    expect(messages).toMatchObject([
      { role: "user", content: { type: "text", text: expect.stringContaining("be kind") } },
    ]);
    await expect(host.getPrompt("answer_wechat_follower", { openid: "not one" })).rejects.toThrow("is not an openid");
  });
});

it("a picture that WeChat has no more, one that is too large and one that may not be fetched fail no call", async () => {
  const { simulator, acts, connect } = await receivingDesk();
  const host = await connect("v1");
  await acts({ type: "image", content: png() });
  simulator.clock.advance(72 * 3_600_000);
  await acts({ type: "image", content: png(2, 2, 700_001) });
  const { isError, images, structured } = await host.call("read_wechat_conversation", { openid });
  expect({ isError, images }).toEqual({ isError: false, images: [] });
  expect(structured.messages).toMatchObject([
    { note: expect.stringContaining("40007") },
    { note: expect.stringContaining("more than 700 KB") },
  ]);

  await acts({ type: "image", content: png() });
  simulator.inject({ kind: "errcode", path: GET, errcode: 48001, times: 3 });
  const refused = await host.call("read_wechat_conversation", { openid, limit: 1 });
  expect(refused.structured.messages).toMatchObject([{ note: expect.stringContaining("48001") }]);
});

it("the largest result that is asked for arrives whole", async () => {
  const { acts, connect } = await receivingDesk();
  const host = await connect("v2");
  for (const bytes of [2_000_000, 2_000_000, 1_000_000]) await acts({ type: "image", content: png(1, 1, bytes) });
  const { images } = await host.call("read_wechat_conversation", { openid, pictures: true });
  expect(images.map(({ bytes }) => bytes.length)).toEqual([2_000_000, 2_000_000, 1_000_000]);
});

it("an unexpected end of the download is told, and nothing of the picture shown", async () => {
  const { simulator, acts, connect } = await receivingDesk();
  const host = await connect("v1");
  await acts({ type: "image", content: png() });
  simulator.inject({ kind: "reset-after", path: GET, times: 10 });
  const { isError, images, structured } = await host.call("read_wechat_conversation", { openid });
  expect({ isError, images }).toEqual({ isError: false, images: [] });
  expect(structured.messages).toMatchObject([{ note: expect.stringContaining("cannot be shown") }]);
});

it("remark and tags stand beside the openid, for one call a page", async () => {
  const { simulator, writes, connect } = await receivingDesk({}, { tags: [{ id: 100, name: "VIP" }] });
  simulator.addFollower({ openid: "oAnna", remark: "安娜\u200b", tags: [100] });
  await writes("hi");
  await writes("hello", "oAnna");
  const host = await connect("v1");
  const { structured } = await host.call("list_wechat_conversations", {});
  expect(structured.conversations).toMatchObject([{ openid: "oAnna", remark: "安娜", tags: ["VIP"] }, { openid }]);
  const read = await host.call("read_wechat_conversation", { openid: "oAnna" });
  expect(read.structured).toMatchObject({ remark: "安娜", tags: ["VIP"] });
  const other = await host.call("read_wechat_conversation", { openid });
  expect(Object.keys(other.structured)).not.toEqual(expect.arrayContaining(["remark"]));
  expect([called(simulator, BATCH), called(simulator, "/cgi-bin/tags/get")]).toEqual([1, 1]);
});

it("an account that may not ask for followers lists and reads as ever, and asks once", async () => {
  const { simulator, writes, connect } = await receivingDesk();
  await writes("hi");
  simulator.inject({ kind: "errcode", path: BATCH, errcode: 48001, times: 10 });
  const host = await connect("v1");
  for (const tool of ["list_wechat_conversations", "list_wechat_conversations"]) {
    const { isError, structured } = await host.call(tool, {});
    expect({ isError, structured }).toMatchObject({ isError: false, structured: { conversations: [{ openid }] } });
    expect(JSON.stringify(structured.conversations)).not.toContain("remark");
  }
  expect((await host.call("read_wechat_conversation", { openid })).isError).toBe(false);
  expect(called(simulator, BATCH)).toBe(1);
});

it("a server that cannot send has no prompt to answer", async () => {
  const { connect } = await receivingDesk({ WECHAT_MCP_READ_ONLY: "on" });
  const host = await connect("v2");
  await expect(host.listPrompts().then(({ prompts }) => prompts)).resolves.toEqual([]);
});
