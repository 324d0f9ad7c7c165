import { Agent, request } from "node:http";
import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { type Caller, FILES, HOUR, MORNING, RID, ready, type Upload } from "./support.js";

const UPLOAD = "/cgi-bin/media/upload";
const GET = "/cgi-bin/media/get";
const MIB = 1024 * 1024;

const jpg: Upload = { filename: "a.jpg", content: FILES.jpg() };

/** Posts bytes as they are. */
function raw(caller: Caller, token: string, contentType: string | undefined, body: string | Buffer<ArrayBuffer>) {
  return caller.json(`${UPLOAD}?access_token=${token}&type=image`, {
    method: "POST",
    body,
    headers: contentType === undefined ? {} : { "content-type": contentType },
  });
}

const part = (disposition: string, content = FILES.jpg().toString("latin1")) =>
  Buffer.from(
    `--XX\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: image/jpeg\r\n\r\n${content}\r\n--XX--\r\n`,
    "latin1",
  );

describe("POST /cgi-bin/media/upload", () => {
  it.each([
    ["image", "a.jpg", FILES.jpg()],
    ["image", "a.JPEG", FILES.jpg()],
    ["image", "a.png", FILES.png()],
    ["image", "a.gif", FILES.gif()],
    ["image", "large.png", FILES.png(10 * MIB)],
    ["voice", "a.amr", FILES.amr(60)],
    ["voice", "a.mp3", FILES.mp3(59)],
    ["video", "a.mp4", FILES.mp4(10 * MIB)],
    ["thumb", "a.jpg", FILES.jpg(64 * 1024)],
  ])("keeps a %s %s, and gives it back byte for byte", async (type, filename, content) => {
    const { caller, token } = await ready();
    const answer = await caller.upload(UPLOAD, token, { type }, { filename, content });
    const mediaId = String(type === "thumb" ? answer.thumb_media_id : answer.media_id);
    expect(answer).toEqual({
      type,
      [type === "thumb" ? "thumb_media_id" : "media_id"]: expect.stringMatching(/^[\w-]{64}$/),
      created_at: MORNING / 1000,
    });
    const url = `${caller.sim.url}${GET}?access_token=${token}&media_id=${mediaId}`;
    let download = await fetch(url);
    if (type === "video") {
      const { video_url } = (await download.json()) as { video_url: string };
      expect(new URL(video_url).origin).toBe(caller.sim.url);
      download = await fetch(video_url);
    }
    expect(download.status).toBe(200);
    expect(download.headers.get("content-disposition")).toMatch(/^attachment; filename="[\w-]+\.\w+"$/);
    expect(download.headers.get("content-type")).toMatch(/^(image|audio|video)\/\w/);
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);
    expect(caller.sim.ledger.calls.find(({ path }) => path === UPLOAD)).toMatchObject({
      errcode: 0,
      body: { media: { filename, bytes: content.length } },
    });
  });

  it("gives ids that messages take, for three days on the simulator's clock", async () => {
    const { caller, sim, token } = await ready();
    const image = await caller.upload(UPLOAD, token, { type: "image" }, jpg);
    const thumb = await caller.upload(UPLOAD, token, { type: "thumb" }, jpg);
    const video = await caller.upload(UPLOAD, token, { type: "video" }, { filename: "v.mp4", content: FILES.mp4() });
    const messages = [
      { msgtype: "image", image: { media_id: image.media_id } },
      { msgtype: "video", video: { media_id: video.media_id, thumb_media_id: thumb.thumb_media_id } },
    ].map((message) => ({ touser: DEFAULT_FOLLOWER, ...message }));
    for (const message of messages) expect((await caller.send(token, message)).errcode).toBe(0);

    sim.clock.advance(72 * HOUR - 1);
    sim.interact(DEFAULT_FOLLOWER, "message");
    const later = await caller.token();
    const query = { media_id: String(image.media_id) };
    expect(
      (await fetch(`${sim.url}${GET}?access_token=${later}&media_id=${query.media_id}`)).headers.get("content-type"),
    ).toBe("image/jpeg");
    sim.clock.advance(1);
    expect((await caller.get(GET, later, query)).errcode).toBe(40007);
    for (const message of messages) expect((await caller.send(later, message)).errcode).toBe(40007);
  });

  it("keeps an id to the account that uploaded it", async () => {
    const { caller, sim, token } = await ready();
    sim.addAccount({ appId: "wx2", secret: "s2" });
    const { media_id } = await caller.upload(UPLOAD, token, { type: "image" }, jpg);
    const other = await caller.token("wx2", "s2");
    expect((await caller.get(GET, other, { media_id: String(media_id) })).errcode).toBe(40007);
  });

  const refused: [string, string, Upload, number, RegExp][] = [
    ["an unknown type", "picture", jpg, 40004, /^invalid media type rid/],
    ["no type", "", jpg, 40004, /rid/],
    ["a file that has another name than media", "image", { ...jpg, name: "file" }, 41005, /^media data missing hint/],
    ["an empty file", "image", { filename: "a.jpg", content: "" }, 44001, /^empty media data rid/],
    ["a text that is called jpg", "image", { filename: "a.jpg", content: "hello" }, 40005, /^invalid file type hint/],
    ["a picture that is called txt", "image", { filename: "a.txt", content: FILES.jpg() }, 40005, /rid/],
    ["a picture without an ending", "image", { filename: "a", content: FILES.jpg() }, 40005, /rid/],
    ["a BMP, which only the library takes", "image", { filename: "a.bmp", content: FILES.bmp() }, 40005, /rid/],
    ["a WAV, which only the library takes", "voice", { filename: "a.wav", content: FILES.wav() }, 40005, /rid/],
    ["a PNG for a thumb", "thumb", { filename: "a.png", content: FILES.png() }, 40005, /rid/],
    ["a picture for a video", "video", { filename: "a.mp4", content: FILES.jpg() }, 40005, /rid/],
    ["an image above 10 MB", "image", { filename: "a.png", content: FILES.png(10 * MIB + 1) }, 40009, /image size rid/],
    [
      "a voice above 2 MB",
      "voice",
      { filename: "a.amr", content: Buffer.concat([FILES.amr(), Buffer.alloc(2 * MIB)]) },
      40010,
      /voice size rid/,
    ],
    ["a video above 10 MB", "video", { filename: "a.mp4", content: FILES.mp4(10 * MIB + 1) }, 40011, /video size/],
    ["a thumb above 64 KB", "thumb", { filename: "a.jpg", content: FILES.jpg(64 * 1024 + 1) }, 40012, /thumb size/],
    ["a file above all types", "image", { filename: "a.jpg", content: FILES.jpg(15 * MIB + 1) }, 45001, /media size/],
    ["an AMR of more than 60 s", "voice", { filename: "a.amr", content: FILES.amr(60.02) }, 45007, /rid/],
    ["an MP3 of more than 60 s", "voice", { filename: "a.mp3", content: FILES.mp3(60.1) }, 45007, /rid/],
  ];

  it.each(refused)("refuses %s", async (_what, type, file, errcode, errmsg) => {
    const { caller, token } = await ready();
    const answer = await caller.upload(UPLOAD, token, { type }, file);
    expect(answer).toMatchObject({ errcode, errmsg: expect.stringMatching(errmsg) });
    expect(answer.errmsg).toMatch(RID);
    expect((await (await fetch(`${caller.sim.url}/simulator/state`)).json()).accounts[0].media).toEqual([]);
  });

  const form = "multipart/form-data; boundary=XX";
  it.each([
    ["JSON", "application/json", "{}", 41005],
    ["nothing", form, "", 41005],
    ["a body without content type", undefined, part('name="media"; filename="a.jpg"'), 41005],
    ["a part that is no file", form, part('name="media"'), 41005],
    ["a file name without quotation marks", form, part('name="media"; filename=a.jpg'), 41005],
    [
      "a boundary in quotation marks",
      'multipart/form-data; boundary="XX"',
      part('name="media"; filename="a.jpg"'),
      41005,
    ],
    ["a body that breaks off", form, part('name="media"; filename="a.jpg"').subarray(0, -8), 41005],
    ["another boundary", "multipart/form-data; boundary=YY", part('name="media"; filename="a.jpg"'), 41005],
    ["a part that misstates its length", form, part('name="media"; filename="a.jpg"; filelength=99'), 40006],
    ["a right length", form, part('name="media"; filename="a.jpg"; filelength=100'), undefined],
    [
      "a charset before the boundary",
      "multipart/form-data; charset=utf-8; boundary=XX",
      part('name="media"; filename="a.jpg"'),
      undefined,
    ],
    ["a name with a quotation mark in it", form, part('name="media"; filename="a\\"b.jpg"'), undefined],
  ])("reads %s as WeChat would", async (_what, contentType, body, errcode) => {
    const { caller, token } = await ready();
    expect((await raw(caller, token, contentType, body)).errcode).toBe(errcode);
  });

  it("answers 412 to a form without Content-Length, and 413 to one beyond all bounds", async () => {
    const { caller, token } = await ready();
    const url = `${caller.sim.url}${UPLOAD}?access_token=${token}&type=image`;
    const agent = new Agent();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const req = request(url, { method: "POST", agent, headers: { "content-type": form } }, (res) => {
        res.resume();
        resolve(res.statusCode);
      });
      req.on("error", reject);
      req.write(part('name="media"; filename="a.jpg"'));
      req.end();
    });
    agent.destroy();
    expect(status).toBe(412);
    const large = await fetch(url, {
      method: "POST",
      body: Buffer.alloc(20 * MIB + 1),
      headers: { "content-type": form },
    });
    expect(large.status).toBe(413);
  });
});

describe("GET /cgi-bin/media/get", () => {
  it("refuses no id, an unknown one, permanent material, and what has no content", async () => {
    const { caller, sim, token } = await ready();
    sim.addMedia({ mediaId: "permanent", type: "image", content: FILES.jpg() });
    sim.addMedia({ mediaId: "empty", type: "image", permanent: false });
    expect((await caller.get(GET, token)).errcode).toBe(41006);
    expect((await caller.get(GET, token, { media_id: "x" })).errcode).toBe(40007);
    expect((await caller.get(GET, token, { media_id: "permanent" })).errcode).toBe(40007);
    expect((await caller.get(GET, token, { media_id: "empty" })).errcode).toBe(46001);
  });

  it("gives the content that a test added, from bytes or base64", async () => {
    const { sim, token } = await ready();
    sim.addMedia({ mediaId: "m1", type: "voice", permanent: false, name: "v.amr", content: FILES.amr() });
    await fetch(`${sim.url}/simulator/media`, {
      method: "POST",
      body: JSON.stringify({ mediaId: "m2", type: "image", permanent: false, content: FILES.png().toString("base64") }),
    });
    for (const [id, type, content] of [
      ["m1", "audio/amr", FILES.amr()],
      ["m2", "application/octet-stream", FILES.png()],
    ] as const) {
      const answer = await fetch(`${sim.url}${GET}?access_token=${token}&media_id=${id}`);
      expect(answer.headers.get("content-type")).toBe(type);
      expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
    }
  });

  it("is struck by faults as every endpoint, half a file included", async () => {
    const { caller, sim, token } = await ready();
    sim.addMedia({ mediaId: "m1", type: "image", permanent: false, content: FILES.jpg() });
    sim.inject({ kind: "busy", path: GET });
    expect((await caller.get(GET, token, { media_id: "m1" })).errcode).toBe(-1);
    sim.inject({ kind: "truncated-json", path: GET, delivered: true });
    const half = await fetch(`${sim.url}${GET}?access_token=${token}&media_id=m1`);
    expect((await half.arrayBuffer()).byteLength).toBe(50);
    sim.inject({ kind: "slow", path: GET, delayMs: 1 });
    const slow = await fetch(`${sim.url}${GET}?access_token=${token}&media_id=m1`);
    expect((await slow.arrayBuffer()).byteLength).toBe(100);
  });

  it("serves no file that is not there", async () => {
    const { sim } = await ready();
    expect((await fetch(`${sim.url}/files/nothing`)).status).toBe(404);
  });
});
