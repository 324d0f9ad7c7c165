import {
  DEFAULT_FOLLOWER,
  type FollowerAction,
  MENU_BUTTONS,
  SimulatorOptionError,
} from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { desk, element } from "./receiver.js";
import { MINUTE, text } from "./support.js";

const ID = DEFAULT_FOLLOWER;

/** What comes between CreateTime and, of a message, MsgId. */
async function pushed(action: FollowerAction, subscribed = true): Promise<string> {
  const { sim, receiver } = await desk();
  sim.addFollower({ openid: ID, subscribed });
  sim.act(ID, action);
  await sim.pushed();
  const inner = receiver.got[0]?.body.split("</CreateTime>")[1] ?? "";
  return inner.replace(/<MsgId>\d{17}<\/MsgId>|<\/xml>/g, "").replace(/<!\[CDATA\[(.*?)\]\]>/g, "'$1'");
}

describe("what WeChat pushes of", () => {
  const cases: [FollowerAction, string][] = [
    [{ type: "text", text: "a<b" }, "<MsgType>'text'</MsgType><Content>'a<b'</Content>"],
    [
      { type: "location", latitude: 23.134, longitude: 113.35, scale: 20, label: "广州" },
      "<MsgType>'location'</MsgType><Location_X>23.134</Location_X><Location_Y>113.35</Location_Y><Scale>20</Scale><Label>'广州'</Label>",
    ],
    [
      { type: "link", title: "T", url: "http://u", description: "D" },
      "<MsgType>'link'</MsgType><Title>'T'</Title><Description>'D'</Description><Url>'http://u'</Url>",
    ],
    [{ type: "unfollow" }, "<MsgType>'event'</MsgType><Event>'unsubscribe'</Event><EventKey>''</EventKey>"],
    [
      { type: "scan", scene: "123", ticket: "gQ1" },
      "<MsgType>'event'</MsgType><Event>'SCAN'</Event><EventKey>'123'</EventKey><Ticket>'gQ1'</Ticket>",
    ],
    [
      { type: "position", latitude: 1.5, longitude: 2.5, precision: 65 },
      "<MsgType>'event'</MsgType><Event>'LOCATION'</Event><Latitude>1.5</Latitude><Longitude>2.5</Longitude><Precision>65</Precision>",
    ],
    [{ type: "menu", key: "V1" }, "<MsgType>'event'</MsgType><Event>'CLICK'</Event><EventKey>'V1'</EventKey>"],
    [
      { type: "menu", button: "view", key: "http://u", menuId: "42" },
      "<MsgType>'event'</MsgType><Event>'VIEW'</Event><EventKey>'http://u'</EventKey><MenuId>'42'</MenuId>",
    ],
    [
      { type: "menu", button: "scancode_waitmsg", key: "K", result: "2" },
      "<MsgType>'event'</MsgType><Event>'scancode_waitmsg'</Event><EventKey>'K'</EventKey><ScanCodeInfo><ScanType>'qrcode'</ScanType><ScanResult>'2'</ScanResult></ScanCodeInfo>",
    ],
    [
      { type: "menu", button: "pic_weixin", key: "K" },
      "<MsgType>'event'</MsgType><Event>'pic_weixin'</Event><EventKey>'K'</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>'f829b914fc47cfc9c0747c119c27cf1b'</PicMd5Sum></item></PicList></SendPicsInfo>",
    ],
    [
      { type: "menu", button: "location_select", key: "K", latitude: 23, longitude: 113, label: "L" },
      "<MsgType>'event'</MsgType><Event>'location_select'</Event><EventKey>'K'</EventKey><SendLocationInfo><Location_X>'23'</Location_X><Location_Y>'113'</Location_Y><Scale>'15'</Scale><Label>'L'</Label><Poiname>''</Poiname></SendLocationInfo>",
    ],
  ];
  it.each(cases)("%o", async (action, xml) => {
    expect(await pushed(action)).toBe(xml);
  });

  const newcomers: [FollowerAction, string][] = [
    [{ type: "follow" }, "<MsgType>'event'</MsgType><Event>'subscribe'</Event><EventKey>''</EventKey>"],
    [
      { type: "follow", scene: "7", ticket: "gQ2" },
      "<MsgType>'event'</MsgType><Event>'subscribe'</Event><EventKey>'qrscene_7'</EventKey><Ticket>'gQ2'</Ticket>",
    ],
    [
      { type: "scan", scene: "7", ticket: "gQ2" },
      "<MsgType>'event'</MsgType><Event>'subscribe'</Event><EventKey>'qrscene_7'</EventKey><Ticket>'gQ2'</Ticket>",
    ],
  ];
  it.each(newcomers)("%o by one who does not follow", async (action, xml) => {
    expect(await pushed(action, false)).toBe(xml);
  });
});

describe("files", () => {
  it("a picture: its media id and its PicUrl give the bytes", async () => {
    const { sim, receiver, caller } = await desk();
    const content = Buffer.from("\xff\xd8\xff\xe0 a picture", "latin1");
    const { mediaId } = sim.act(ID, { type: "image", content, name: "cat.jpg" });
    await sim.pushed();
    const body = receiver.got[0]?.body ?? "";
    expect(element(body, "MediaId")).toBe(mediaId);
    const url = element(body, "PicUrl") ?? "";
    expect(url).toMatch(`${sim.url}/files/`);
    const get = `${sim.url}/cgi-bin/media/get?access_token=${await caller.token()}&media_id=${mediaId}`;
    for (const address of [url, get]) {
      const answer = await fetch(address);
      expect(answer.headers.get("content-type")).toBe("image/jpeg");
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
    }
    sim.clock.advance(3 * 24 * 60 * MINUTE);
    const late = `/cgi-bin/media/get?access_token=${await caller.token()}&media_id=${mediaId}`;
    expect((await caller.json(late)).errcode).toBe(40007);
  });

  it("voice, with what was understood; without a file a small one", async () => {
    const { sim, receiver, caller } = await desk();
    sim.act(ID, { type: "voice", recognition: "你好" });
    sim.act(ID, { type: "voice", name: "a.mp3", content: Buffer.from("ID3").toString("base64") });
    await sim.pushed();
    const [one = "", two = ""] = receiver.got.map(({ body }) => body);
    expect([element(one, "MsgType"), element(one, "Format"), element(one, "Recognition")]).toEqual([
      "voice",
      "amr",
      "你好",
    ]);
    expect([element(two, "Format"), element(two, "Recognition")]).toEqual(["mp3", undefined]);
    const token = await caller.token();
    const file = await fetch(`${sim.url}/cgi-bin/media/get?access_token=${token}&media_id=${element(one, "MediaId")}`);
    expect(await file.text()).toMatch(/^#!AMR\n/);
  });

  it.each(["video", "shortvideo"] as const)("%s: the file and its thumb", async (type) => {
    const { sim, receiver, caller } = await desk();
    sim.act(ID, { type });
    await sim.pushed();
    const body = receiver.got[0]?.body ?? "";
    expect(element(body, "MsgType")).toBe(type);
    const token = await caller.token();
    const video = await caller.get("/cgi-bin/media/get", token, { media_id: element(body, "MediaId") ?? "" });
    expect((await fetch(String(video.video_url))).status).toBe(200);
    const thumb = await fetch(
      `${sim.url}/cgi-bin/media/get?access_token=${token}&media_id=${element(body, "ThumbMediaId")}`,
    );
    expect(thumb.headers.get("content-type")).toBe("image/png");
  });

  it("what a follower sent may be sent back", async () => {
    const { sim, caller } = await desk();
    const { mediaId: media_id } = sim.act(ID, { type: "image" });
    const body = { touser: ID, msgtype: "image", image: { media_id } };
    expect((await caller.send(await caller.token(), body)).errcode).toBe(0);
  });
});

describe("reply windows", () => {
  const windows: [FollowerAction, number][] = [
    [{ type: "text", text: "x" }, 5],
    [{ type: "location", latitude: 0, longitude: 0 }, 5],
    [{ type: "image" }, 5],
    [{ type: "scan" }, 3],
    [{ type: "position", latitude: 0, longitude: 0 }, 0],
    ...MENU_BUTTONS.map((button): [FollowerAction, number] => {
      const opens = ["click", "scancode_push", "scancode_waitmsg"].includes(button);
      return [
        { type: "menu", button, ...(button === "location_select" ? { latitude: 0, longitude: 0 } : {}) },
        opens ? 3 : 0,
      ];
    }),
  ];
  it.each(windows)("%o allows %i messages", async (action, count) => {
    const { sim, caller } = await desk();
    sim.addFollower({ openid: ID, window: "closed" });
    sim.act(ID, action);
    const token = await caller.token();
    let sent = 0;
    while ((await caller.send(token, text("x"))).errcode === 0) sent++;
    expect(sent).toBe(count);
  });

  it("follow opens one; unfollow closes it", async () => {
    const { sim, caller } = await desk();
    const token = await caller.token();
    sim.act(ID, { type: "unfollow" });
    expect((await caller.send(token, text("x"))).errcode).toBe(43004);
    sim.act(ID, { type: "follow" });
    expect((await caller.send(token, text("x"))).errcode).toBe(0);
  });
});

describe("a msgmenu", () => {
  const menu = (id: string, content: string) => ({
    touser: ID,
    msgtype: "msgmenu",
    msgmenu: { list: [{ id, content }] },
  });

  it("tapped comes as a text with bizmsgmenuid and opens the menu's window: the newest with the item counts", async () => {
    const { sim, receiver, caller } = await desk();
    const token = await caller.token();
    await caller.send(token, menu("101", "满意"));
    await caller.send(token, menu("101", "很满意"));
    sim.addFollower({ openid: ID, window: "closed" });
    const { msgId } = sim.act(ID, { type: "menu-item", id: "101" });
    await sim.pushed();
    expect(receiver.got[0]?.body).toContain(
      `<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[很满意]]></Content><bizmsgmenuid><![CDATA[101]]></bizmsgmenuid><MsgId>${msgId}</MsgId></xml>`,
    );
    for (const errcode of [0, 0, 0, 45047]) expect((await caller.send(token, text("x"))).errcode).toBe(errcode);
  });

  it("that did not come cannot be tapped", async () => {
    const { sim, caller } = await desk();
    sim.addFollower({ openid: "oTwo" });
    await caller.send(await caller.token(), menu("101", "x"));
    expect(() => sim.act("oTwo", { type: "menu-item", id: "101" })).toThrow(/^action\.id: oTwo has got no msgmenu/);
    expect(() => sim.act(ID, { type: "menu-item", id: "102" })).toThrow(SimulatorOptionError);
  });
});

it.each([
  [{ type: "wave" }, /^action\.type: give one of text, image, voice/],
  [{}, /^action\.type: give one of/],
  [{ type: "text" }, /^action\.text: give a non-empty string/],
  [{ type: "text", text: "" }, /^action\.text: give a non-empty string/],
  [{ type: "text", text: "x", title: "y" }, /^action\.title: is not an option; known are type, text/],
  [{ type: "location", latitude: 91, longitude: 0 }, /^action\.latitude: give degrees from -90 to 90/],
  [{ type: "location", latitude: 9 }, /^action\.longitude: give a number/],
  [{ type: "menu", button: "location_select" }, /^action\.latitude: give a number/],
  [{ type: "menu", button: "press" }, /^action\.button: give one of click/],
  [{ type: "image", content: 1 }, /^action\.content: give a Uint8Array/],
  [{ type: "menu-item" }, /^action\.id/],
  [{ type: "follow" }, /^action\.type: \S+ follows the account already/],
])("refuses %o", async (action, message) => {
  const { sim } = await desk();
  expect(() => sim.act(ID, action as FollowerAction)).toThrow(message);
  expect(sim.ledger.pushes).toEqual([]);
});

it("one who does not follow can only follow or scan", async () => {
  const { sim } = await desk();
  sim.addFollower({ openid: ID, subscribed: false });
  for (const action of [
    { type: "text", text: "x" },
    { type: "menu" },
    { type: "unfollow" },
    { type: "image" },
  ] as const) {
    expect(() => sim.act(ID, action)).toThrow(/does not follow the account/);
  }
  expect(sim.ledger.pushes).toEqual([]);
});
