import type { MenuLeaf } from "../menus.js";
import type { App } from "./app.js";
import { control } from "./control.js";
import type { Field } from "./dialogs.js";
import { base64, LARGEST_FILE, pictureKind } from "./pictures.js";
import { webUrl } from "./rich-text.js";

/** Where a place is when nobody says otherwise: 广州塔, near WeChat's home. */
const PLACE = { latitude: "23.1066", longitude: "113.3245", label: "广州塔" };

/** What can be sent from the sheet. */
export const THINGS = ["picture", "voice", "video", "place", "link", "scan", "position"] as const;
export type Thing = (typeof THINGS)[number];

/** Asks what is needed, and sends it. A picture's file is asked for by the browser: see `sendPicture`. */
export function askFor(app: App, thing: Exclude<Thing, "picture">): void {
  const { t } = app;
  const form = (fields: readonly Field[], submit: (values: FormData) => Promise<boolean>) =>
    app.show({ kind: "form", title: t.things[thing], fields, ok: t.send, submit });
  switch (thing) {
    case "voice":
      form([file(app, ".amr,.mp3"), text("recognition", t.fields.recognition)], async (values) => {
        const sent = await fileOf(app, values);
        const recognition = word(values, "recognition");
        return (
          sent !== undefined && app.act({ type: "voice", ...sent, ...(recognition === "" ? {} : { recognition }) })
        );
      });
      return;
    case "video":
      form([file(app, "video/mp4"), { name: "short", label: t.fields.short, type: "checkbox" }], async (values) => {
        const sent = await fileOf(app, values);
        return sent !== undefined && app.act({ type: values.has("short") ? "shortvideo" : "video", ...sent });
      });
      return;
    case "place":
      form(placeFields(app), (values) => app.act({ type: "location", ...placeOf(values) }));
      return;
    case "link":
      form(
        [
          { name: "title", label: t.fields.title, type: "text", required: true },
          { name: "url", label: t.fields.url, type: "url", required: true, value: "https://" },
          text("description", t.fields.description),
        ],
        (values) =>
          app.act({
            type: "link",
            title: word(values, "title"),
            url: word(values, "url"),
            description: word(values, "description"),
          }),
      );
      return;
    case "scan":
      form([{ ...text("scene", t.fields.scene), value: "1", required: true }], (values) =>
        app.act({ type: "scan", scene: word(values, "scene") }),
      );
      return;
    case "position":
      form(
        [
          ...degrees(app),
          { name: "precision", label: t.fields.precision, type: "number", value: "50", within: [0, 1e6] },
        ],
        (values) => {
          const { latitude, longitude } = placeOf(values);
          return app.act({ type: "position", latitude, longitude, precision: number(values, "precision") });
        },
      );
  }
}

/** Sends a file as a picture, or says what is wrong with it. */
export async function sendPicture(app: App, chosen: Blob): Promise<void> {
  if (chosen.size > LARGEST_FILE) return app.say(app.t.fileProblems["too-large"]);
  const content = new Uint8Array(await chosen.arrayBuffer());
  const kind = pictureKind(content);
  if (typeof kind === "string") return app.say(app.t.fileProblems[kind]);
  await app.act({ type: "image", content: base64(content), name: `picture.${kind.ending}` });
}

/** Asks for a new follower, adds and chooses it. */
export function askForFollower(app: App): void {
  const { t, account } = app;
  if (account === undefined) return;
  app.show({
    kind: "form",
    title: t.addFollower,
    ok: t.add,
    fields: [
      { name: "nickname", label: t.nickname, type: "text" },
      { name: "openid", label: t.openid, type: "text", required: true, value: newOpenid() },
      { name: "follows", label: t.followsAlready, type: "checkbox", value: "yes" },
    ],
    submit: async (values) => {
      const { appId } = account;
      const [openid, nickname] = [word(values, "openid"), word(values, "nickname")];
      const follower = { appId, openid, subscribed: values.has("follows"), ...(nickname === "" ? {} : { nickname }) };
      const added = await app.run(() => control("POST", "followers", follower));
      if (added) app.choose(appId, openid);
      return added;
    },
  });
}

/** As long as real ones: 28 characters. */
function newOpenid(): string {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const drawn = crypto.getRandomValues(new Uint8Array(24));
  return `oSim${Array.from(drawn, (value) => letters[value % letters.length]).join("")}`;
}

/** Taps a button of the custom menu: asks what it needs, pushes its event, and does what follows it. */
export async function tapMenu(app: App, { type, key, name }: MenuLeaf, pickPicture: () => void): Promise<void> {
  const { t } = app;
  const form = (fields: readonly Field[], submit: (values: FormData) => Promise<boolean>) =>
    app.show({ kind: "form", title: name, fields, ok: t.ok, submit });
  switch (type) {
    case "click":
      await app.act({ type: "menu", button: type, key });
      return;
    case "view":
      if (await app.act({ type: "menu", button: type, key }))
        app.show({ kind: "leads", says: t.opensPage, to: key, url: webUrl(key) });
      return;
    case "miniprogram":
      if (await app.act({ type: "menu", button: "view_miniprogram", key }))
        app.show({ kind: "leads", says: t.opensProgram, to: key });
      return;
    case "scancode_push":
    case "scancode_waitmsg":
      form([{ ...text("result", t.fields.result), required: true }], (values) =>
        app.act({ type: "menu", button: type, key, result: word(values, "result") }),
      );
      return;
    case "location_select":
      form(placeFields(app), placeSender(app, key));
      return;
    case "pic_sysphoto":
    case "pic_photo_or_album":
    case "pic_weixin":
      if (await app.act({ type: "menu", button: type, key })) pickPicture();
  }
}

/** Pushes the event of the button, then the place as a message. When that fails, trying again does not repeat the event. */
function placeSender(app: App, key: string): (values: FormData) => Promise<boolean> {
  let told = false;
  return async (values) => {
    const place = placeOf(values);
    told ||= await app.act({ type: "menu", button: "location_select", key, ...place });
    return told && app.act({ type: "location", ...place });
  };
}

function text(name: string, label: string): Field {
  return { name, label, type: "text" };
}

function file({ t }: App, accept: string): Field {
  return { name: "file", label: t.fields.file, type: "file", accept };
}

function degrees({ t }: App): readonly Field[] {
  const { latitude, longitude } = PLACE;
  return [
    { name: "latitude", label: t.fields.latitude, type: "number", value: latitude, required: true, within: [-90, 90] },
    {
      name: "longitude",
      label: t.fields.longitude,
      type: "number",
      value: longitude,
      required: true,
      within: [-180, 180],
    },
  ];
}

function placeFields(app: App): readonly Field[] {
  return [...degrees(app), { ...text("label", app.t.fields.label), value: PLACE.label }];
}

function placeOf(values: FormData): { latitude: number; longitude: number; label: string } {
  return { latitude: number(values, "latitude"), longitude: number(values, "longitude"), label: word(values, "label") };
}

function word(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value.trim() : "";
}

function number(values: FormData, name: string): number {
  return Number(word(values, name));
}

/** The file of a form as the control API takes it; nothing when none was chosen, undefined when it is too large. */
async function fileOf(app: App, values: FormData): Promise<{ content?: string; name?: string } | undefined> {
  const chosen = values.get("file");
  if (!(chosen instanceof File) || chosen.size === 0) return {};
  if (chosen.size > LARGEST_FILE) {
    app.say(app.t.fileProblems["too-large"]);
    return undefined;
  }
  return { content: base64(new Uint8Array(await chosen.arrayBuffer())), name: chosen.name };
}
