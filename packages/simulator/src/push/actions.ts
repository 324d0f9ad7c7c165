import { readContent } from "../media.js";
import { PHONE_BUTTONS } from "../menus.js";
import {
  type Fields,
  fields,
  finiteNumber,
  LONGEST,
  oneOf,
  optionalString,
  SimulatorOptionError,
  text,
} from "../options.js";

/** Buttons of the custom menu (自定义菜单), by the event that a click on them brings. */
export const MENU_BUTTONS = ["click", "view", "view_miniprogram", ...PHONE_BUTTONS] as const;
export type MenuButton = (typeof MENU_BUTTONS)[number];

/** A file that the follower sends. Without content it is a tiny one of its type. */
interface SentFile {
  /** A string is base64. */
  content?: Uint8Array | string;
  /** File name; its ending decides the content type, and of a voice the Format. */
  name?: string;
}

interface Place {
  /** Degrees north. */
  latitude: number;
  /** Degrees east. */
  longitude: number;
}

/**
 * What a follower does. A text, recognised words and a description have at most 20,000 characters, a file name 255, other
 * strings 2000. Texts, files, places and links are messages; a tapped menu item is one too; the
 * rest are events.
 */
export type FollowerAction =
  | { type: "text"; text: string }
  | ({ type: "image" } & SentFile)
  /** `recognition`: what WeChat understood; it is sent only by accounts with speech recognition switched on. */
  | ({ type: "voice"; recognition?: string } & SentFile)
  | ({ type: "video" | "shortvideo" } & SentFile)
  /** A place the follower sends. `scale`: of the map, default 15. */
  | ({ type: "location"; scale?: number; label?: string } & Place)
  | { type: "link"; title: string; url: string; description?: string }
  /** `scene`: the value of the account's QR code that was scanned; without, another way to the account. */
  | { type: "follow"; scene?: string; ticket?: string }
  | { type: "unfollow" }
  /** Scans the account's QR code; who does not follow yet begins to. Default scene `1`. */
  | { type: "scan"; scene?: string; ticket?: string }
  /**
   * Clicks the custom menu. `key`: of the button, or the URL or page it opens; default `MENU`. `result`: what was
   * scanned. A picture's or place's own message is an action of its own.
   */
  | ({
      type: "menu";
      button?: MenuButton;
      key?: string;
      menuId?: string;
      result?: string;
      label?: string;
    } & Partial<Place>)
  /** Taps an item of a msgmenu that the follower has got: the newest one with that item. */
  | { type: "menu-item"; id: string }
  /** The phone reports where it is, as accounts that ask for it get it. `precision` in metres, default 50. */
  | ({ type: "position"; precision?: number } & Place);

export type ActionType = FollowerAction["type"];

const PLACE = ["latitude", "longitude"];
const FILE = ["content", "name"];

const FIELDS: Readonly<Record<ActionType, readonly string[]>> = {
  text: ["text"],
  image: FILE,
  voice: [...FILE, "recognition"],
  video: FILE,
  shortvideo: FILE,
  location: [...PLACE, "scale", "label"],
  link: ["title", "url", "description"],
  follow: ["scene", "ticket"],
  unfollow: [],
  scan: ["scene", "ticket"],
  menu: ["button", "key", "menuId", "result", "label", ...PLACE],
  "menu-item": ["id"],
  position: [...PLACE, "precision"],
};

/** Characters; of the other strings as many as a URL may have. */
const LONGEST_FIELDS: Readonly<Record<string, number>> = {
  text: LONGEST.words,
  recognition: LONGEST.words,
  description: LONGEST.words,
  name: LONGEST.fileName,
};

export const ACTION_TYPES: readonly string[] = Object.keys(FIELDS);

/** @throws SimulatorOptionError naming the field */
export function readAction(value: unknown): FollowerAction {
  const where = "action";
  const type = oneOf(fieldOf(value, "type"), `${where}.type`, Object.keys(FIELDS).filter(isActionType));
  const given = fields(value, where, ["type", ...FIELDS[type]]);
  const string = (name: string) => optionalString(given[name], `${where}.${name}`, LONGEST_FIELDS[name] ?? LONGEST.url);
  const number = (name: string) =>
    given[name] === undefined ? undefined : finiteNumber(given[name], `${where}.${name}`);
  const words = (name: string) => spoken(string(name), `${where}.${name}`);
  const place = () => ({ latitude: degrees(given, "latitude", 90), longitude: degrees(given, "longitude", 180) });
  const file = () => ({ content: readContent(given.content, `${where}.content`), name: string("name") });
  switch (type) {
    case "text":
      return { type, text: words("text") };
    case "image":
    case "video":
    case "shortvideo":
      return { type, ...file() };
    case "voice":
      return { type, ...file(), recognition: string("recognition") };
    case "location":
      return { type, ...place(), scale: number("scale"), label: string("label") };
    case "link":
      return { type, title: words("title"), url: words("url"), description: string("description") };
    case "follow":
    case "scan":
      return { type, scene: string("scene"), ticket: string("ticket") };
    case "unfollow":
      return { type };
    case "menu": {
      const button = given.button === undefined ? "click" : oneOf(given.button, `${where}.button`, MENU_BUTTONS);
      const [key, menuId, result, label] = [string("key"), string("menuId"), string("result"), string("label")];
      return { type, button, key, menuId, result, label, ...(button === "location_select" ? place() : {}) };
    }
    case "menu-item":
      return { type, id: text(given.id, `${where}.id`, LONGEST.url) };
    case "position":
      return { type, ...place(), precision: number("precision") };
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function isActionType(name: string): name is ActionType {
  return name in FIELDS;
}

function spoken(value: string | undefined, field: string): string {
  if (value === undefined || value === "") throw new SimulatorOptionError(field, "give a non-empty string");
  return value;
}

function degrees(given: Fields, name: string, most: number): number {
  const value = finiteNumber(given[name], `action.${name}`);
  if (Math.abs(value) > most) throw new SimulatorOptionError(`action.${name}`, `give degrees from -${most} to ${most}`);
  return value;
}
