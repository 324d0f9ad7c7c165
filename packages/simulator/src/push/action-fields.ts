import { createHash, randomBytes } from "node:crypto";
import type { Account } from "../accounts.js";
import { fileUrl } from "../files.js";
import { ADD_FOLLOWER } from "../followers.js";
import { type Media, type MediaType, readContent } from "../media.js";
import { contentTypeOf } from "../media-formats.js";
import { isObject, SimulatorOptionError } from "../options.js";
import type { Scene } from "../reply-window.js";
import type { World } from "../world.js";
import type { FollowerAction, MenuButton } from "./actions.js";
import type { PushFields } from "./markup.js";

/** What comes of an action: what WeChat pushes, and what it means for the reply window and the records. */
export interface Deed {
  /** The window it opens; undefined when none. */
  readonly scene?: Scene;
  /** MsgType and the fields after it, without MsgId. */
  readonly fields: PushFields;
  /** What the phone and the chat records show of a message; undefined for an event. */
  readonly words?: string;
  /** The media id of what was sent. */
  readonly mediaId?: string;
}

interface Doer {
  readonly world: World;
  readonly account: Account;
  readonly openid: string;
  /** Whether the follower followed before. */
  readonly subscribed: boolean;
}

/** Official page 客服消息: of the menu's buttons only these three open a window. */
const OPENING: readonly MenuButton[] = ["click", "scancode_push", "scancode_waitmsg"];
/** The official pages write these two in capitals. */
const EVENT_NAMES: Partial<Record<MenuButton, string>> = { click: "CLICK", view: "VIEW" };

const FOLLOW_LATER = `let "unfollow" come first, or add the follower with subscribed: false (${ADD_FOLLOWER})`;

/** @throws SimulatorOptionError when the follower cannot do it */
export function deedOf(action: FollowerAction, doer: Doer): Deed {
  switch (action.type) {
    case "text":
      return message({ MsgType: "text", Content: action.text }, action.text);
    case "image": {
      const { media, url } = send("image", action, "picture.png", doer);
      const fields = { MsgType: "image", PicUrl: url, MediaId: media.mediaId };
      return { ...message(fields, "[image]"), mediaId: media.mediaId };
    }
    case "voice": {
      const { media } = send("voice", action, "voice.amr", doer);
      const heard: PushFields = action.recognition === undefined ? {} : { Recognition: action.recognition };
      const { extension } = contentTypeOf(media.name);
      const fields = { MsgType: "voice", MediaId: media.mediaId, Format: extension, ...heard };
      return { ...message(fields, "[voice]"), mediaId: media.mediaId };
    }
    case "video":
    case "shortvideo": {
      const { media } = send("video", action, "video.mp4", doer);
      const thumb = send("thumb", {}, "thumb.png", doer).media;
      const fields = { MsgType: action.type, MediaId: media.mediaId, ThumbMediaId: thumb.mediaId };
      return { ...message(fields, `[${action.type}]`), mediaId: media.mediaId };
    }
    case "location": {
      const { latitude, longitude, scale = 15, label = "" } = action;
      const fields = { MsgType: "location", Location_X: latitude, Location_Y: longitude, Scale: scale, Label: label };
      return message(fields, `[location] ${label}`.trim());
    }
    case "link": {
      const { title, description = "", url } = action;
      return message({ MsgType: "link", Title: title, Description: description, Url: url }, `[link] ${title} ${url}`);
    }
    case "follow":
      if (doer.subscribed)
        throw new SimulatorOptionError("action.type", `${doer.openid} follows the account already; ${FOLLOW_LATER}`);
      return { scene: action.scene === undefined ? "follow" : "scan", fields: subscribe(action.scene, action.ticket) };
    case "unfollow":
      return { scene: "unfollow", fields: event("unsubscribe", { EventKey: "" }) };
    case "scan": {
      const { scene = "1", ticket = newTicket() } = action;
      if (!doer.subscribed) return { scene: "scan", fields: subscribe(scene, ticket) };
      return { scene: "scan", fields: event("SCAN", { EventKey: scene, Ticket: ticket }) };
    }
    case "menu":
      return menuClick(action);
    case "menu-item":
      return menuItem(action.id, doer);
    case "position": {
      const { latitude, longitude, precision = 50 } = action;
      return { fields: event("LOCATION", { Latitude: latitude, Longitude: longitude, Precision: precision }) };
    }
  }
}

function message(fields: PushFields, words: string): Deed {
  return { scene: "message", fields, words };
}

export function event(name: string, fields: PushFields): PushFields {
  return { MsgType: "event", Event: name, ...fields };
}

function subscribe(scene: string | undefined, ticket = newTicket()): PushFields {
  return event("subscribe", scene === undefined ? { EventKey: "" } : { EventKey: `qrscene_${scene}`, Ticket: ticket });
}

function newTicket(): string {
  return `gQ${randomBytes(45).toString("base64url")}==`;
}

function menuClick({ button = "click", key = "MENU", ...more }: Extract<FollowerAction, { type: "menu" }>): Deed {
  const menuId: PushFields = more.menuId === undefined ? {} : { MenuId: more.menuId };
  return {
    ...(OPENING.includes(button) ? { scene: "menu-click" } : {}),
    fields: event(EVENT_NAMES[button] ?? button, { EventKey: key, ...menuId, ...menuInfo(button, more) }),
  };
}

/** What the buttons bring that scan, take pictures or choose a place: the official page on menu events (自定义菜单事件推送). */
function menuInfo(
  button: MenuButton,
  { result = "", latitude = 0, longitude = 0, label = "" }: Omit<Extract<FollowerAction, { type: "menu" }>, "type">,
): PushFields {
  if (button.startsWith("scancode_")) return { ScanCodeInfo: { ScanType: "qrcode", ScanResult: result } };
  if (button.startsWith("pic_")) {
    const sum = createHash("md5").update(DEFAULT_FILES.image).digest("hex");
    return { SendPicsInfo: { Count: 1, PicList: [{ PicMd5Sum: sum }] } };
  }
  if (button !== "location_select") return {};
  const place = { Location_X: String(latitude), Location_Y: String(longitude), Scale: "15", Label: label, Poiname: "" };
  return { SendLocationInfo: place };
}

/** A tapped item arrives as a text, but opens the window of the menu: official page 客服消息, scene 2. */
function menuItem(id: string, { world, account, openid }: Doer): Deed {
  const got = world.ledger.messages.filter(
    (sent) => sent.openid === openid && sent.appId === account.appId && sent.msgtype === "msgmenu",
  );
  const items = got.flatMap(({ body: { msgmenu } }): unknown[] =>
    isObject(msgmenu) && Array.isArray(msgmenu.list) ? msgmenu.list : [],
  );
  const item = items.filter(isObject).findLast((candidate) => candidate.id === id);
  if (item === undefined) {
    throw new SimulatorOptionError("action.id", `${openid} has got no msgmenu with the item "${id}"`);
  }
  const words = String(item.content);
  return { scene: "menu-click", fields: { MsgType: "text", Content: words, bizmsgmenuid: id }, words };
}

/** Small files that are what they say by their first bytes; only the picture can be shown. */
const DEFAULT_FILES: Readonly<Record<"image" | "voice" | "video" | "thumb", Buffer>> = (() => {
  const image = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  // One frame of 12.2 kbit/s: 20 ms of silence.
  const voice = Buffer.concat([Buffer.from("#!AMR\n<", "latin1"), Buffer.alloc(31)]);
  const video = Buffer.from("\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "latin1");
  return { image, voice, video, thumb: image };
})();

/** Keeps a file as temporary media of the account, as WeChat does with what a follower sends. */
function send(
  type: Exclude<MediaType, "news" | "article">,
  file: { content?: Uint8Array | string; name?: string },
  defaultName: string,
  { world, account }: Doer,
): { media: Media; url: string } {
  const { name = defaultName } = file;
  const content = readContent(file.content, "action.content") ?? DEFAULT_FILES[type];
  const media = account.media.upload(type, { content, name, ...contentTypeOf(name) }, false, world.clock.now());
  return { media, url: fileUrl(media.file ?? "", world.host) };
}
