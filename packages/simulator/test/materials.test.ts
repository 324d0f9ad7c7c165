import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { FILES, HOUR, MORNING, ready, type Upload } from "./support.js";

const ADD = "/cgi-bin/material/add_material";
const GET = "/cgi-bin/material/get_material";
const DELETE = "/cgi-bin/material/del_material";
const LIST = "/cgi-bin/material/batchget_material";
const COUNT = "/cgi-bin/material/get_materialcount";

const image: Upload = { filename: "a.bmp", content: FILES.bmp() };
const about = { description: '{"title":"标题","introduction":"简介"}' };
const video: Upload = { filename: "v.mp4", content: FILES.mp4(), fields: about };
const none = { voice_count: 0, video_count: 0, image_count: 0, news_count: 0 };

it.each([
  ["image", image],
  ["image", { filename: "a.gif", content: FILES.gif() }],
  ["voice", { filename: "a.mp3", content: FILES.mp3() }],
  ["voice", { filename: "a.wma", content: FILES.wma() }],
  ["voice", { filename: "a.wav", content: FILES.wav(60) }],
  ["voice", { filename: "a.amr", content: FILES.amr() }],
  ["thumb", { filename: "a.jpg", content: FILES.jpg() }],
] as [string, Upload][])("adds a permanent %s, and gives it back after years", async (type, file) => {
  const { caller, sim, token } = await ready();
  const answer = await caller.upload(ADD, token, { type }, file);
  expect(Object.keys(answer)).toEqual(type === "image" ? ["media_id", "url"] : ["media_id"]);
  sim.clock.advance(365 * 24 * HOUR);
  const later = await caller.token();
  const download = await fetch(`${sim.url}${GET}?access_token=${later}`, {
    method: "POST",
    body: JSON.stringify({ media_id: answer.media_id }),
  });
  expect(download.headers.get("content-disposition")).toMatch(/filename=/);
  expect(Buffer.from(await download.arrayBuffer()).equals(Buffer.from(file.content!))).toBe(true);
  if (type !== "image") return;
  const byUrl = await fetch(String(answer.url));
  expect(Buffer.from(await byUrl.arrayBuffer()).equals(Buffer.from(file.content!))).toBe(true);
  const message = { touser: DEFAULT_FOLLOWER, msgtype: "image", image: { media_id: answer.media_id } };
  sim.interact(DEFAULT_FOLLOWER, "message");
  expect((await caller.send(later, message)).errcode).toBe(0);
});

it("adds a video with its description, and gives back where it can be fetched", async () => {
  const { caller, sim, token } = await ready();
  const { media_id } = await caller.upload(ADD, token, { type: "video" }, video);
  const answer = await caller.post(GET, token, { media_id });
  expect(answer).toEqual({ title: "标题", description: "简介", down_url: expect.stringContaining(sim.url) });
  const download = await fetch(String(answer.down_url));
  expect(download.headers.get("content-type")).toBe("video/mp4");
  expect(Buffer.from(await download.arrayBuffer()).equals(FILES.mp4())).toBe(true);
});

it.each([
  ["an unknown type", "news", image, 40004],
  ["no file", "image", { ...image, name: "file" }, 41005],
  ["an empty file", "image", { ...image, content: "" }, 44001],
  ["a file of another type", "voice", { filename: "a.mp3", content: FILES.jpg() }, 40005],
  ["a large thumb", "thumb", { filename: "a.jpg", content: FILES.jpg(65_537) }, 40012],
  ["a WAV of more than 60 s", "voice", { filename: "a.wav", content: FILES.wav(61) }, 45007],
  ["a video without description", "video", { ...video, fields: {} }, 40097],
  ["a description that is no JSON", "video", { ...video, fields: { description: "title" } }, 47001],
  ["a description that is no object", "video", { ...video, fields: { description: "[]" } }, 47001],
  ["a title that is a number", "video", { ...video, fields: { description: '{"title":1}' } }, 47001],
] as [string, string, Upload, number][])("refuses %s", async (_what, type, file, errcode) => {
  const { caller, token } = await ready();
  expect((await caller.upload(ADD, token, { type }, file)).errcode).toBe(errcode);
  expect(await caller.get(COUNT, token)).toEqual(none);
});

it("refuses more than the library holds, until something is deleted", async () => {
  const { caller, token } = await ready({ limits: { imageMaterials: 2, otherMaterials: 1 } });
  const add = async (type: string, file: Upload) => (await caller.upload(ADD, token, { type }, file)).errcode;
  const { media_id } = await caller.upload(ADD, token, { type: "image" }, image);
  // A thumb stands among the images.
  expect(await add("thumb", { filename: "a.jpg", content: FILES.jpg() })).toBeUndefined();
  expect(await add("image", image)).toBe(45074);
  expect(await add("video", video)).toBeUndefined();
  expect(await add("video", video)).toBe(45074);
  expect(await add("voice", { filename: "a.amr", content: FILES.amr() })).toBeUndefined();
  expect(await caller.get(COUNT, token)).toEqual({ voice_count: 1, video_count: 1, image_count: 2, news_count: 0 });
  expect((await caller.post(DELETE, token, { media_id })).errcode).toBe(0);
  expect(await add("image", image)).toBeUndefined();
});

it("lists by type, the newest first, in pages of up to 20", async () => {
  const { caller, sim, token } = await ready();
  for (let i = 1; i <= 23; i++) {
    await caller.upload(ADD, token, { type: "image" }, { ...image, filename: `${i}.bmp` });
    sim.clock.advance(1000);
  }
  await caller.upload(ADD, token, { type: "video" }, video);
  const names = async (offset: number, count: number) => {
    const page = await caller.post(LIST, token, { type: "image", offset, count });
    expect(page.total_count).toBe(23);
    const items = page.item as { name: string }[];
    expect(page.item_count).toBe(items.length);
    return items.map(({ name }) => name);
  };
  expect(await names(0, 2)).toEqual(["23.bmp", "22.bmp"]);
  expect((await names(0, 20)).length).toBe(20);
  expect(await names(20, 20)).toEqual(["3.bmp", "2.bmp", "1.bmp"]);
  expect(await names(23, 20)).toEqual([]);
  const first = await caller.post(LIST, token, { type: "image", offset: 22, count: 1 });
  expect(first.item).toEqual([
    {
      media_id: expect.any(String),
      name: "1.bmp",
      update_time: MORNING / 1000,
      url: expect.stringContaining(sim.url),
    },
  ]);
  const videos = await caller.post(LIST, token, { type: "video", offset: 0, count: 20 });
  expect(videos.item).toEqual([{ media_id: expect.any(String), name: "v.mp4", update_time: MORNING / 1000 + 23 }]);
});

it("has the old articles that a test adds", async () => {
  const { caller, sim, token } = await ready();
  sim.addMedia({ mediaId: "news-1", type: "news", name: "旧图文" });
  const news_item = [expect.objectContaining({ title: "旧图文", show_cover_pic: 0 })];
  expect(await caller.post(GET, token, { media_id: "news-1" })).toEqual({ news_item });
  expect(await caller.post(LIST, token, { type: "news", offset: 0, count: 20 })).toEqual({
    item: [{ media_id: "news-1", content: { news_item }, update_time: MORNING / 1000 }],
    total_count: 1,
    item_count: 1,
  });
});

it.each([
  ["an unknown type", { type: "thumb", offset: 0, count: 1 }, 40004],
  ["no type", { offset: 0, count: 1 }, 40004],
  ["count 0", { type: "image", offset: 0, count: 0 }, 40097],
  ["count 21", { type: "image", offset: 0, count: 21 }, 40097],
  ["a count that is text", { type: "image", offset: 0, count: "20" }, 40097],
  ["an offset below 0", { type: "image", offset: -1, count: 20 }, 40097],
  ["no offset", { type: "image", count: 20 }, 40097],
  ["no JSON", "type=image", 47001],
  ["nothing", "", 44002],
])("refuses to list with %s", async (_what, body, errcode) => {
  const { caller, token } = await ready();
  expect((await caller.post(LIST, token, body)).errcode).toBe(errcode);
});

it.each([GET, DELETE])("%s refuses unknown, temporary and deleted ids", async (path) => {
  const { caller, sim, token } = await ready();
  sim.addMedia({ mediaId: "temporary", type: "image", permanent: false });
  sim.addMedia({ mediaId: "article", type: "article" });
  sim.addMedia({ mediaId: "gone", type: "image" });
  await caller.post(DELETE, token, { media_id: "gone" });
  for (const media_id of ["unknown", "temporary", "article", "gone", 7]) {
    expect((await caller.post(path, token, { media_id })).errcode).toBe(40007);
  }
  expect((await caller.post(path, token, {})).errcode).toBe(41006);
});

it("says when material has no content", async () => {
  const { caller, sim, token } = await ready();
  sim.addMedia({ mediaId: "m", type: "voice" });
  expect((await caller.post(GET, token, { media_id: "m" })).errcode).toBe(46001);
});
