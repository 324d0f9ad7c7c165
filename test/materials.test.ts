import type { Material, WeChatClient } from "@wechat-offiaccount/core";
import type { Simulator } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { clientOf, simulated } from "./support/desk.js";
import { failure } from "./support/failure.js";
import { FILES, varied } from "./support/files.js";

const LIST = "/cgi-bin/material/batchget_material";

async function desk(): Promise<{ simulator: Simulator; client: WeChatClient }> {
  const simulator = await simulated();
  return { simulator, client: clientOf(simulator) };
}

/** A library of so many images, and their ids, the newest first. */
async function library(count: number): Promise<{ simulator: Simulator; client: WeChatClient; ids: string[] }> {
  const { simulator, client } = await desk();
  const ids = Array.from({ length: count }, (_, n) => `IMAGE${String(n).padStart(3, "0")}`);
  for (const mediaId of ids) simulator.addMedia({ mediaId, type: "image" });
  return { simulator, client, ids: ids.reverse() };
}

describe("materials", () => {
  it("adds what the library takes, and gives it back byte for byte", async () => {
    const { client } = await desk();
    for (const [add, content, name] of [
      ["addImage", varied(FILES.bmp(), 40_000), "image.bmp"],
      ["addImage", FILES.png(), "image.png"],
      ["addThumb", FILES.jpg(), "thumb.jpg"],
      ["addVoice", FILES.wav(2), "voice.wav"],
      ["addVoice", FILES.wma(), "voice.wma"],
    ] as const) {
      const { mediaId, url } = await client.materials[add](content);
      expect(url === undefined, name).toBe(add !== "addImage");
      const got = await client.materials.get(mediaId);
      if (got.kind !== "file") throw new Error(`${name}: no file`);
      expect((await got.toBuffer()).equals(content), name).toBe(true);
      const type = add === "addVoice" ? "voice" : "image";
      expect((await client.materials.list({ type })).items[0]).toMatchObject({
        mediaId,
        name,
        updatedAt: expect.any(Date),
      });
    }
    expect(await client.materials.count()).toEqual({ image: 3, voice: 2, video: 0, news: 0 });
  });

  it("adds a video with what followers read beside it", async () => {
    const { client } = await desk();
    const content = varied(FILES.mp4(), 50_000);
    const stream = (async function* () {
      yield content;
    })();
    const about = { title: '"开箱" 😀', introduction: "第一行\n第二行" };
    const { mediaId } = await client.materials.addVideo(
      { stream, length: content.length, filename: "开箱.mp4" },
      about,
    );
    const got = await client.materials.get(mediaId);
    if (got.kind !== "video") throw new Error("no video");
    expect(got).toMatchObject({ title: about.title, description: about.introduction });
    expect(Buffer.from(await (await fetch(got.url)).arrayBuffer()).equals(content)).toBe(true);
    await client.materials.addVideo(content, { title: "只有标题" });
  });

  it("gives the articles of news", async () => {
    const { simulator, client } = await desk();
    simulator.addMedia({ mediaId: "NEWS", type: "news", name: "标题" });
    expect(await client.materials.get("NEWS")).toMatchObject({ kind: "news", articles: [{ title: "标题" }] });
    expect((await client.materials.list({ type: "news" })).items).toMatchObject([
      { mediaId: "NEWS", articles: [{ title: "标题", showsCover: false }] },
    ]);
  });

  it("deletes, and explains an id that is not there", async () => {
    const { client } = await desk();
    const { mediaId } = await client.materials.addImage(FILES.png());
    await client.materials.delete(mediaId);
    for (const call of [client.materials.get(mediaId), client.materials.delete(mediaId)]) {
      await expect(call).rejects.toMatchObject({
        code: "WECHAT_CONTENT",
        errcode: 40007,
        remedy: { en: expect.stringMatching(/media_id/), zh: expect.stringMatching(/media_id/) },
      });
    }
  });

  it("refuses what is wrong before anything is sent", async () => {
    const { simulator, client } = await desk();
    const { materials } = client;
    const refused: [string, () => Promise<unknown>][] = [
      ["file", () => materials.addImage(FILES.mp4())],
      ["file", () => materials.addVoice(FILES.png())],
      ["file", () => materials.addThumb(FILES.png())],
      ["file", () => materials.addVideo(FILES.mp4(10 * 1024 * 1024 + 1), { title: "t" })],
      ["title", () => materials.addVideo(FILES.mp4(), { title: " " })],
      ["introduction", () => materials.addVideo(FILES.mp4(), { title: "t", introduction: "\ud83d" })],
      ["mediaId", () => materials.get("a b")],
      ["mediaId", () => materials.delete("")],
      ["type", () => materials.list({ type: "thumb" as "image" })],
      ["count", () => materials.list({ type: "image", count: 21 })],
      ["offset", () => materials.list({ type: "image", offset: -1 })],
    ];
    for (const [field, call] of refused) {
      const error = await failure(call());
      expect(error).toMatchObject({ code: "WECHAT_VALIDATION", field });
      expect(error.remedy.zh).toMatch(/[\u4e00-\u9fff]/);
    }
    expect(simulator.ledger.calls).toHaveLength(0);
  });
});

describe("materials.all", () => {
  const idsOf = async (items: AsyncIterable<Material>, each?: (item: Material) => unknown) => {
    const ids: string[] = [];
    for await (const item of items) {
      ids.push(item.mediaId);
      await each?.(item);
    }
    return ids;
  };

  it.each([0, 1, 20, 41])("walks over %i, each once, in no more pages than needed", async (count) => {
    const { simulator, client, ids } = await library(count);
    expect(await idsOf(client.materials.all("image"))).toEqual(ids);
    const pages = simulator.ledger.calls.filter(({ path }) => path === LIST).length;
    expect(pages).toBe(Math.max(1, Math.ceil(count / 20)));
  });

  it("leaves nothing out when the loop deletes as it goes", async () => {
    const { client, ids } = await library(50);
    expect(await idsOf(client.materials.all("image"), ({ mediaId }) => client.materials.delete(mediaId))).toEqual(ids);
    expect(await client.materials.count()).toMatchObject({ image: 0 });
  });

  it("leaves nothing out when others delete and add meanwhile, and tells nothing twice", async () => {
    const { simulator, client, ids } = await library(70);
    let told = 0;
    const walked = await idsOf(client.materials.all("image"), async ({ mediaId }) => {
      told++;
      if (told === 15 || told === 35) simulator.addMedia({ mediaId: `NEW${told}`, type: "image" });
      if (told % 10 === 0) for (const gone of ids.slice(told - 3, told)) await client.materials.delete(gone);
      expect(ids).toContain(mediaId);
    });
    expect(walked).toEqual(ids);
  });
});
