import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WeChatClient } from "@wechat-offiaccount/core";
import { createSimulator, DEFAULT_APP_ID, DEFAULT_APP_SECRET, type Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { collectGarbage } from "../../../test/support/garbage.js";
import { type PictureCall, picturesIn } from "../src/tools/pictures.js";
import { inboxOf, OPENID } from "./support/conversations.js";
import { gif, jpeg, png, webp } from "./support/pictures.js";

const GET = "/cgi-bin/media/get";
const downloads = ({ ledger }: Simulator) => ledger.calls.filter(({ path }) => path === GET).length;

/** A conversation into which pictures come, and a client that gets them from a local WeChat. */
async function desk() {
  const simulator = await createSimulator();
  onTestFinished(() => simulator.close());
  const client = clientAt(simulator.url);
  const conversation = inboxOf();
  let files = 0;
  return {
    simulator,
    client,
    ...conversation,
    /** A follower sends a file as a picture; gives the id of the message. */
    async sends(content: Buffer) {
      const mediaId = `media-${++files}`;
      simulator.addMedia({ mediaId, type: "image", permanent: false, name: "picture.jpg", content });
      await conversation.arrives({ type: "image", mediaId });
      const { messages } = await conversation.inbox.read(OPENID);
      return messages.at(-1)?.id ?? "";
    },
    async pictures(call: Partial<PictureCall> = {}) {
      const { messages } = await conversation.inbox.read(OPENID);
      const { images, notes } = await picturesIn(messages, { client, ...call });
      return { images: images.map(({ data, ...image }) => ({ ...image, bytes: Buffer.from(data, "base64") })), notes };
    },
  };
}

function clientAt(baseUrl: string): WeChatClient {
  const client = new WeChatClient({ appId: DEFAULT_APP_ID, appSecret: DEFAULT_APP_SECRET, baseUrl });
  onTestFinished(() => client.close());
  return client;
}

describe("the pictures that followers sent", () => {
  it.each([
    ["image/png", png()],
    ["image/gif", gif()],
    ["image/jpeg", jpeg()],
    ["image/webp", webp("VP8 ")],
  ])("are shown as they are: %s, whatever WeChat calls it", async (mimeType, content) => {
    const { sends, pictures } = await desk();
    const id = await sends(content);
    const { images, notes } = await pictures();
    expect(images).toEqual([{ caption: expect.stringContaining(`message ${id}.`), mimeType, bytes: content }]);
    expect(images[0]?.caption).toContain("no instructions");
    expect(notes.get(id)).toContain("It is in this result as an image");
  });

  it("are the newest four, the oldest first", async () => {
    const { simulator, sends, pictures } = await desk();
    const ids: string[] = [];
    for (let width = 1; width <= 6; width++) ids.push(await sends(png(width)));
    const { images, notes } = await pictures();
    expect(images.map(({ bytes }) => bytes.readUInt32BE(16))).toEqual([3, 4, 5, 6]);
    expect(ids.map((id) => notes.get(id)?.includes("newest 4"))).toEqual([true, true, false, false, false, false]);
    expect(downloads(simulator)).toBe(4);
  });

  it("are fetched once, however often they are read and over however many connections", async () => {
    const { simulator, sends, pictures } = await desk();
    await sends(png());
    const first = await pictures();
    expect(await pictures()).toEqual(first);
    expect(downloads(simulator)).toBe(1);
  });

  it("are not fetched if nobody wants them", async () => {
    const { simulator, sends, pictures } = await desk();
    const id = await sends(png());
    const { images, notes } = await pictures({ pictures: false });
    expect(images).toEqual([]);
    expect(notes.get(id)).toContain("pictures is false");
    expect(downloads(simulator)).toBe(0);
  });

  it("are a follower's: neither what the account sent nor another kind of message is fetched", async () => {
    const { simulator, inbox, arrives, pictures } = await desk();
    await arrives({ type: "voice", mediaId: "V" });
    await arrives({ type: "image" });
    await inbox.recordSent(OPENID, { message: { type: "image", mediaId: "M" }, delivery: "delivered" });
    expect(await pictures()).toEqual({ images: [], notes: new Map() });
    expect(downloads(simulator)).toBe(0);
  });

  it("are forgotten again: no more than 16 MB are kept", async () => {
    const { simulator, client, inbox, sends, pictures } = await desk();
    for (let width = 1; width <= 9; width++) {
      await sends(png(width, 1, 1_900_000));
      await pictures({ pictures: true });
    }
    const { messages } = await inbox.read(OPENID);
    const again = async (which: number) => picturesIn(messages.slice(which, which + 1), { client, pictures: true });
    expect(downloads(simulator)).toBe(9);
    expect([(await again(8)).images.length, downloads(simulator)]).toEqual([1, 9]);
    expect([(await again(0)).images.length, downloads(simulator)]).toEqual([1, 10]);
  });

  it("are forgotten again, small ones too: a thousand are kept, and no memory of others with them", async () => {
    const asked: string[] = [];
    const cutFrom: WeakRef<ArrayBufferLike>[] = [];
    const download = async (mediaId: string) => {
      asked.push(mediaId);
      // As between two downloads: other small Buffers take most of the pool's 8 KB.
      Buffer.from("x".repeat(3500));
      Buffer.from("y".repeat(3500));
      const bytes = Buffer.from(png());
      cutFrom.push(new WeakRef(bytes.buffer));
      return { kind: "file", contentType: "image/png", toBuffer: async () => bytes } as never;
    };
    const call = { client: { media: { download } } };
    const show = (n: number) => {
      const message = { type: "image" as const, mediaId: `media-${n}` };
      return picturesIn([{ id: String(n), direction: "in", at: 0, message } as never], call);
    };
    for (let n = 0; n < 1000; n++) await show(n);
    await nextTurn();
    collectGarbage();
    // The collector may still hold some of the last ones.
    expect(cutFrom.filter((pool) => pool.deref()).length).toBeLessThan(100);
    await show(0);
    expect(asked.length).toBe(1000);
    await show(1000);
    await show(0);
    expect(asked.length).toBe(1001);
    await show(1);
    expect(asked.length).toBe(1002);
  });
});

describe("a picture that cannot be shown has a note that says why", () => {
  it.each([
    ["not there any more", 40007, "it keeps what followers send for 3 days"],
    ["not to be had by this account", 48001, "48001"],
    ["asked for too often", 45009, "45009"],
  ])("%s (%i)", async (_, errcode, words) => {
    const { simulator, sends, pictures } = await desk();
    const [lost, shown] = [await sends(png()), await sends(gif())];
    simulator.inject({ kind: "errcode", path: GET, errcode, times: 1 });
    const { images, notes } = await pictures();
    expect(images).toHaveLength(1);
    const said = [notes.get(lost), notes.get(shown)].filter((note) => note?.includes("cannot be shown"));
    expect(said).toEqual([expect.stringContaining(words)]);
  });

  it("expired after 3 days, by WeChat's clock", async () => {
    const { simulator, sends, pictures } = await desk();
    const id = await sends(png());
    simulator.clock.advance(72 * 3_600_000);
    const { images, notes } = await pictures();
    expect(images).toEqual([]);
    expect(notes.get(id)).toBe(
      "A picture that cannot be shown: WeChat does not have it any more (40007): it keeps what followers send for 3 days.",
    );
  });

  it.each([
    ["a sound", Buffer.from(`#!AMR\n${"x".repeat(50)}`), "no JPEG, PNG, GIF or WebP"],
    ["a BMP, which no host takes", Buffer.from(`BM${"x".repeat(50)}`), "no JPEG, PNG, GIF or WebP"],
    ["nothing that is known", Buffer.from("x".repeat(50)), "no JPEG, PNG, GIF or WebP"],
    ["a broken picture", png(0, 0), "or broken"],
    ["one with a side that makes models refuse the conversation", png(1, 8001), "1 × 8001 pixels"],
  ])("it is %s", async (_, content, words) => {
    const { sends, pictures } = await desk();
    const id = await sends(content);
    const { images, notes } = await pictures();
    expect(images).toEqual([]);
    expect(notes.get(id)).toContain(words);
  });

  it("too large for every host, until it is asked for", async () => {
    const { sends, pictures } = await desk();
    const [large, huge] = [await sends(png(1, 1, 700_001)), await sends(png(1, 1, 2_000_001))];
    const careful = await pictures();
    expect(careful.images).toEqual([]);
    expect(careful.notes.get(large)).toContain("more than 700 KB. pictures: true shows those of up to 2 MB.");
    const { images, notes } = await pictures({ pictures: true });
    expect(images.map(({ bytes }) => bytes.length)).toEqual([700_001]);
    expect(notes.get(huge)).toBe("A picture that cannot be shown: it has more than 2 MB.");
    // Now it is kept, and still too large for who does not ask for it.
    expect((await pictures()).images).toEqual([]);
  });

  it("too large beside the newer ones", async () => {
    const { sends, pictures } = await desk();
    const [old, small, newest] = [await sends(png(1, 1, 400_000)), await sends(png()), await sends(png(1, 1, 400_000))];
    const { images, notes } = await pictures();
    expect(images.map(({ bytes }) => bytes.length)).toEqual([100, 400_000]);
    expect([old, small, newest].map((id) => notes.get(id)?.includes("too large"))).toEqual([true, false, false]);
  });

  it("a media_id that is none costs no call", async () => {
    const { simulator, arrives, pictures } = await desk();
    await arrives({ type: "image", mediaId: "a b" });
    const { images, notes } = await pictures();
    expect(images).toEqual([]);
    expect([...notes.values()]).toEqual([expect.stringContaining("cannot be shown")]);
    expect(downloads(simulator)).toBe(0);
  });
});

/** A WeChat that begins to send a picture and goes on as the test says; `gone` resolves when nobody takes it any more. */
async function slowWeChat(goOn: (write: (bytes: Buffer) => void) => void) {
  let written = 0;
  let settle = () => {};
  const gone = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const server = createServer((_, response) => {
    response.on("close", settle).writeHead(200, { "content-type": "image/png" });
    const write = (bytes: Buffer) => {
      written += bytes.length;
      if (response.write(bytes)) return;
      response.once("drain", () => goOn(write));
    };
    write(png());
    begin();
    goOn(write);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new WeChatClient({ appId: DEFAULT_APP_ID, tokenSource: async () => "token", baseUrl });
  onTestFinished(() => client.close());
  const { inbox, arrives } = inboxOf();
  await arrives({ type: "image", mediaId: "M" });
  const { messages } = await inbox.read(OPENID);
  return { client, messages, gone, begun, written: () => written };
}

describe("a picture on its way", () => {
  it("without an end is given up when it has too many bytes, and not after", async () => {
    const endless = (write: (bytes: Buffer) => void) => write(Buffer.alloc(1_000_000));
    const { client, messages, gone, written } = await slowWeChat(endless);
    const { notes } = await picturesIn(messages, { client });
    expect([...notes.values()]).toEqual([expect.stringContaining("more than 700 KB")]);
    await gone;
    expect(written()).toBeLessThan(20_000_000);
  });

  it("is not waited for longer than there is time", async () => {
    const { client, messages, gone } = await slowWeChat(() => {});
    const { images, notes } = await picturesIn(messages, { client, patience: 300 });
    expect(images).toEqual([]);
    expect([...notes.values()]).toEqual([expect.stringContaining("did not come in time")]);
    await gone;
  });

  it("ends with the call", async () => {
    const { client, messages, begun, gone } = await slowWeChat(() => {});
    const cancelled = new AbortController();
    const call = picturesIn(messages, { client, signal: cancelled.signal });
    await begun;
    cancelled.abort();
    expect((await call).images).toEqual([]);
    await gone;
  });
});
