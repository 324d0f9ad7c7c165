import { type Fields, fields, oneOf, optionalString, optionalText, SimulatorOptionError } from "./options.js";

/** Buttons that open something of the phone's own; their events have the same names. */
export const PHONE_BUTTONS = [
  "scancode_push",
  "scancode_waitmsg",
  "pic_sysphoto",
  "pic_photo_or_album",
  "pic_weixin",
  "location_select",
] as const;

/** Kinds of buttons of a custom menu (自定义菜单) as WeChat's menu/create spells them, without those that send material. */
export const MENU_TYPES = ["click", "view", "miniprogram", ...PHONE_BUTTONS] as const;
export type MenuType = (typeof MENU_TYPES)[number];

/** A button as menu/create takes it. Keys that a type does not need are ignored. */
export interface MenuButtonOptions {
  /** At most 16 bytes in the bar, 60 in a list. */
  name: string;
  /** Not of a button that opens a list. */
  type?: MenuType;
  key?: string;
  /** Of `view`. */
  url?: string;
  /** Of `miniprogram`. */
  appid?: string;
  pagepath?: string;
  /** 1 to 5 buttons. */
  sub_button?: readonly MenuButtonOptions[];
}

export interface MenuOptions {
  /** 1 to 3 buttons. */
  button: readonly MenuButtonOptions[];
}

/** A button that does something. */
export interface MenuLeaf {
  readonly name: string;
  readonly type: MenuType;
  /** What the event carries: the key, of `view` the URL, of `miniprogram` the page. */
  readonly key: string;
  /** Of `miniprogram`, when it was given. */
  readonly appId?: string;
}

/** A button of the bar: one that does something, or opens up to five others. */
export type MenuBarButton = MenuLeaf | { readonly name: string; readonly buttons: readonly MenuLeaf[] };

/** The buttons of the bar, from left to right. */
export type CustomMenu = readonly MenuBarButton[];

/** Parameters of menu/create: 一级菜单数组 1 to 3, 二级菜单数组 1 to 5; name 不超过16个字节, 子菜单不超过60个字节. */
const LIMITS = { bar: 3, list: 5, barName: 16, listName: 60, key: 128, url: 1024 };

const LEAF_FIELDS = ["type", "name", "key", "url", "appid", "pagepath"];

/** @param value `{ button: […] }` as menu/create takes it @throws SimulatorOptionError naming the field */
export function readMenu(value: unknown): CustomMenu {
  const { button } = fields(value, "menu", ["button"]);
  return list(button, "menu.button", LIMITS.bar).map((entry, index) => barButton(entry, `menu.button[${index}]`));
}

function list(value: unknown, field: string, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length >= 1 && value.length <= most) return value;
  throw new SimulatorOptionError(field, `give an array of 1 to ${most} buttons`);
}

function barButton(value: unknown, where: string): MenuBarButton {
  const given = fields(value, where, [...LEAF_FIELDS, "sub_button"]);
  const name = short(given, "name", where, LIMITS.barName);
  // Menus read back from WeChat have an empty list at buttons without one.
  const none = Array.isArray(given.sub_button) && given.sub_button.length === 0;
  if (given.sub_button === undefined || none) return leaf(given, where, name);
  const entries = list(given.sub_button, `${where}.sub_button`, LIMITS.list);
  const buttons = entries.map((entry, index) => {
    const at = `${where}.sub_button[${index}]`;
    const sub = fields(entry, at, [...LEAF_FIELDS, "sub_button"]);
    return leaf(sub, at, short(sub, "name", at, LIMITS.listName));
  });
  return { name, buttons };
}

function leaf(given: Fields, where: string, name: string): MenuLeaf {
  const type = oneOf(given.type, `${where}.type`, MENU_TYPES);
  if (type === "view") return { name, type, key: short(given, "url", where, LIMITS.url) };
  if (type === "miniprogram") {
    const appId = optionalText(given.appid, `${where}.appid`);
    return { name, type, key: short(given, "pagepath", where, LIMITS.url), ...(appId === undefined ? {} : { appId }) };
  }
  return { name, type, key: short(given, "key", where, LIMITS.key) };
}

function short(given: Fields, field: string, where: string, bytes: number): string {
  const value = optionalString(given[field], `${where}.${field}`) ?? "";
  if (value !== "" && Buffer.byteLength(value) <= bytes) return value;
  throw new SimulatorOptionError(`${where}.${field}`, `give a string of 1 to ${bytes} bytes`);
}
