import { describe, expect, it } from "vitest";
import { parseJson } from "../src/callback/json.js";
import { EVENT_TABLE, MESSAGE_TABLE } from "../src/callback/message-table.js";
import { readMessage } from "../src/callback/messages.js";
import { xmlReader } from "../src/callback/xml.js";
import { ACCOUNT, OPENID, xmlOf } from "./support/pushes.js";

const parseXml = await xmlReader();
const SIGNED_AT = 1_714_112_446_000;
const read = (xml: string) => readMessage(parseXml(xml), xml, SIGNED_AT);
const message = (type: string, content: string) => read(xmlOf(type, content, { msgId: "6054768590064713728" })).message;
const event = (name: string, content = "") => message("event", `<Event><![CDATA[${name}]]></Event>${content}`);
const common = { openid: OPENID, accountId: ACCOUNT, createdAt: 1_714_112_445_000 };
const notices = (group: string, items: string[]) =>
  `<${group}>${items.map((item) => `<List><TemplateId>T</TemplateId>${item}</List>`).join("")}</${group}>`;

/** Type or event, what WeChat sends, and our fields. */
const MESSAGES: [string, string, object][] = [
  ["text", "<Content><![CDATA[你好]]></Content>", { text: "你好" }],
  ["text", "<Content>1</Content><bizmsgmenuid>101</bizmsgmenuid>", { text: "1", bizMsgMenuId: "101" }],
  ["text", "<Content></Content><MsgDataId>d</MsgDataId><Idx>2</Idx>", { text: "", msgDataId: "d", idx: 2 }],
  ["image", "<PicUrl>http://p</PicUrl><MediaId>m</MediaId>", { picUrl: "http://p", mediaId: "m" }],
  ["voice", "<MediaId>m</MediaId><Format>amr</Format>", { mediaId: "m", format: "amr" }],
  ["voice", "<MediaId>m</MediaId><Recognition>好</Recognition>", { mediaId: "m", recognition: "好" }],
  ["video", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>", { mediaId: "m", thumbMediaId: "t" }],
  ["shortvideo", "<MediaId>m</MediaId><ThumbMediaId>t</ThumbMediaId>", { mediaId: "m", thumbMediaId: "t" }],
  [
    "location",
    "<Location_X>23.13</Location_X><Location_Y>-113.3</Location_Y><Scale>20</Scale><Label>广州</Label>",
    { latitude: 23.13, longitude: -113.3, scale: 20, label: "广州" },
  ],
  [
    "link",
    "<Title>t</Title><Description>d</Description><Url>http://u</Url>",
    { title: "t", description: "d", url: "http://u" },
  ],
];
const scanned = "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>r</ScanResult></ScanCodeInfo>";
const sent =
  "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item><item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo>";
const place =
  "<SendLocationInfo><Location_X>23</Location_X><Location_Y>113</Location_Y><Scale>15</Scale><Label>L</Label><Poiname>P</Poiname></SendLocationInfo>";
const key = "<EventKey>k</EventKey>";
const EVENTS: [string, string, object][] = [
  ["subscribe", "<EventKey></EventKey>", {}],
  ["subscribe", "<EventKey>qrscene_1</EventKey><Ticket>t</Ticket>", { eventKey: "qrscene_1", ticket: "t" }],
  ["unsubscribe", "<EventKey></EventKey>", {}],
  ["SCAN", "<EventKey>1</EventKey><Ticket>t</Ticket>", { eventKey: "1", ticket: "t" }],
  [
    "LOCATION",
    "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>119.3</Precision>",
    { latitude: 23.1, longitude: 113.3, precision: 119.3 },
  ],
  ["CLICK", key, { eventKey: "k" }],
  ["VIEW", `${key}<MenuId>7</MenuId>`, { eventKey: "k", menuId: "7" }],
  ["view_miniprogram", key, { eventKey: "k" }],
  ["scancode_push", key + scanned, { eventKey: "k", scanType: "qrcode", scanResult: "r" }],
  ["scancode_waitmsg", key + scanned, { eventKey: "k", scanType: "qrcode", scanResult: "r" }],
  ["pic_sysphoto", key + sent, { eventKey: "k", count: 2, md5Sums: ["a", "b"] }],
  ["pic_photo_or_album", key, { eventKey: "k", md5Sums: [] }],
  ["pic_weixin", key + sent, { eventKey: "k", count: 2, md5Sums: ["a", "b"] }],
  [
    "location_select",
    key + place,
    { eventKey: "k", latitude: 23, longitude: 113, scale: 15, label: "L", poiName: "P" },
  ],
  [
    "TEMPLATESENDJOBFINISH",
    "<MsgID>9007199254740993</MsgID><Status>failed:user block</Status>",
    { msgId: "9007199254740993", status: "failed:user block" },
  ],
  [
    "MASSSENDJOBFINISH",
    "<MsgID>1</MsgID><Status>send success</Status><TotalCount>10</TotalCount><FilterCount>9</FilterCount><SentCount>8</SentCount><ErrorCount>1</ErrorCount>",
    { msgId: "1", status: "send success", totalCount: 10, filterCount: 9, sentCount: 8, errorCount: 1 },
  ],
  [
    "subscribe_msg_popup_event",
    notices("SubscribeMsgPopupEvent", [
      "<SubscribeStatusString>accept</SubscribeStatusString><PopupScene>2</PopupScene>",
      "",
    ]),
    { notices: [{ templateId: "T", status: "accept", popupScene: "2" }, { templateId: "T" }] },
  ],
  [
    "subscribe_msg_change_event",
    notices("SubscribeMsgChangeEvent", ["<SubscribeStatusString>reject</SubscribeStatusString>"]),
    { notices: [{ templateId: "T", status: "reject" }] },
  ],
  [
    "subscribe_msg_sent_event",
    notices("SubscribeMsgSentEvent", [
      "<MsgID>1700827132819554304</MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus>",
    ]),
    { notices: [{ templateId: "T", msgId: "1700827132819554304", errorCode: 0, errorStatus: "success" }] },
  ],
  ["user_info_modified", "<OpenID>o</OpenID><AppID>wx</AppID>", { authorizedOpenid: "o", appId: "wx" }],
  [
    "user_authorization_revoke",
    "<OpenID>o</OpenID><RevokeInfo>1</RevokeInfo>",
    { authorizedOpenid: "o", revokeInfo: "1" },
  ],
  ["kf_create_session", "<KfAccount>a@b</KfAccount>", { account: "a@b" }],
  ["kf_close_session", "<KfAccount>a@b</KfAccount>", { account: "a@b" }],
  [
    "kf_switch_session",
    "<FromKfAccount>a@b</FromKfAccount><ToKfAccount>c@b</ToKfAccount>",
    { fromAccount: "a@b", toAccount: "c@b" },
  ],
];

describe("messages and events", () => {
  it.each(MESSAGES)("%s %s", (type, content, fields) => {
    expect(message(type, content)).toStrictEqual({ type, ...common, msgId: "6054768590064713728", ...fields });
  });

  it.each(EVENTS)("%s %s", (name, content, fields) => {
    expect(event(name, content)).toStrictEqual({ type: "event", event: name.toLowerCase(), ...common, ...fields });
  });

  it("are all of the tables above", () => {
    expect(new Set(MESSAGES.map(([type]) => type))).toEqual(new Set(Object.keys(MESSAGE_TABLE)));
    expect(new Set(EVENTS.map(([name]) => name.toLowerCase()))).toEqual(new Set(Object.keys(EVENT_TABLE)));
  });

  it("stay the same through JSON, as stores keep them", () => {
    for (const [type, content] of MESSAGES) {
      const read = message(type, content);
      expect(JSON.parse(JSON.stringify(read))).toStrictEqual(read);
    }
  });
});

describe("what is not known or odd", () => {
  it("comes through with its fields", () => {
    expect(message("hologram", "<A>1</A><B><C>2</C></B>")).toMatchObject({
      type: "unknown",
      msgType: "hologram",
      fields: { A: "1", B: { C: "2" }, MsgType: "hologram" },
    });
    expect(event("debug_demo", "<debug_str>hello</debug_str>")).toMatchObject({
      type: "event",
      event: "unknown",
      eventName: "debug_demo",
      fields: { debug_str: "hello" },
    });
  });

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("may be called %s", (name) => {
    expect(message(name, "")).toMatchObject({ type: "unknown", msgType: name });
    expect(event(name)).toMatchObject({ type: "event", event: "unknown", eventName: name });
  });

  it("is unknown where something needed is missing, and whole where something optional is odd", () => {
    expect(message("image", "<PicUrl>http://p</PicUrl>")).toMatchObject({ type: "unknown", msgType: "image" });
    expect(message("location", "<Location_X>a</Location_X><Location_Y>1</Location_Y>")).toMatchObject({
      type: "unknown",
    });
    expect(message("location", "<Location_X>1</Location_X><Location_Y>1</Location_Y><Scale>?</Scale>")).toStrictEqual({
      type: "location",
      ...common,
      msgId: "6054768590064713728",
      latitude: 1,
      longitude: 1,
    });
    expect(message("voice", "<MediaId>m</MediaId><Format><x>1</x></Format>")).toMatchObject({ type: "voice" });
    expect(message("event", "")).toMatchObject({ type: "unknown", msgType: "event" });
  });

  it("has the time of the signature where its own cannot be read", () => {
    const xml = xmlOf("text", "<Content>x</Content>").replace("1714112445", "soon");
    expect(read(xml).message.createdAt).toBe(SIGNED_AT);
  });

  it("is no message without sender, account and type", () => {
    for (const name of ["FromUserName", "ToUserName", "MsgType"]) {
      const xml = xmlOf("text", "<Content>x</Content>").replaceAll(name, "X");
      expect(() => read(xml)).toThrow(expect.objectContaining({ reason: "not-a-message" }));
    }
  });
});

describe("keys", () => {
  const keyOf = (xml: string) => read(xml).key;

  it("tell messages by MsgId with all its digits", () => {
    expect(keyOf(xmlOf("text", "<Content>x</Content>", { msgId: "6054768590064713728" }))).toBe(
      "m:6054768590064713728",
    );
    const json = `{"ToUserName":"g","FromUserName":"o","CreateTime":1,"MsgType":"text","Content":"x","MsgId":6054768590064713729}`;
    expect(readMessage(parseJson(json), json, 0).key).toBe("m:6054768590064713729");
  });

  it("tell events by sender, time and name, and by the message that they are about", () => {
    const of = (name: string, content = "") => keyOf(xmlOf("event", `<Event>${name}</Event>${content}`));
    expect(of("CLICK")).toBe(`e:${OPENID}:1714112445:CLICK`);
    expect(of("CLICK", "<EventKey>a</EventKey>")).not.toBe(of("CLICK", "<EventKey>b</EventKey>"));
    expect(of("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID>")).not.toBe(of("TEMPLATESENDJOBFINISH", "<MsgID>2</MsgID>"));
    const sent = (id: string) =>
      of(
        "subscribe_msg_sent_event",
        `<SubscribeMsgSentEvent><List><MsgID>${id}</MsgID></List></SubscribeMsgSentEvent>`,
      );
    expect(sent("1")).not.toBe(sent("2"));
    expect(sent("1")).toBe(sent("1"));
  });

  it("are hashes where nothing else is there", () => {
    const bare = xmlOf("text", "<Content>x</Content>").replace(/<MsgId>.*?<\/MsgId>/, "");
    expect(keyOf(bare)).toMatch(/^h:[\w-]{43}$/);
    expect(keyOf(bare)).toBe(keyOf(bare));
    expect(keyOf(bare)).not.toBe(keyOf(bare.replace("x</", "y</")));
  });
});
