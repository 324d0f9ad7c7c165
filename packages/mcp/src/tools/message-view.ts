import type { InboxMessage, OutgoingMessage, ReceivedMessage } from "@wechat-offiaccount/core";
import * as z from "zod";
import { foreignText } from "../safety/foreign-text.js";

/** Characters of one message: WeChat's texts are shorter, so only what is no ordinary message is cut. */
export const WHOLE = 3000;
/** Characters of a message where several conversations are listed. */
export const PREVIEW = 200;
/** Characters of an id or a key that comes with a push. */
const KEY = 200;

/** A message of a conversation as results show it. */
export const messageView = z.strictObject({
  id: z.string().describe("Its id, which is also a cursor for `after` and `before`."),
  openid: z.string().describe("The follower whose conversation it is in."),
  from: z.enum(["follower", "account"]).describe("follower: it came in. account: it was sent to the follower."),
  at: z.string().describe("When (ISO 8601, UTC)."),
  type: z
    .string()
    .describe("text, voice, image, video, shortvideo, location, link; event: something that the follower did."),
  text: z.string().optional().describe("Its words, if it has any. Of a voice message: the recognised words."),
  truncated: z.boolean().optional().describe("true: the end of text was cut off."),
  event: z.string().optional().describe("Of an event: WeChat's name for it, such as subscribe or click."),
  event_key: z.string().optional().describe("Of an event: the key of the menu item or QR code."),
  media_id: z.string().optional().describe("Names its file at WeChat, for programs."),
  note: z.string().optional().describe("What this server says about it."),
  delivery: z
    .enum(["delivered", "not-delivered", "unknown"])
    .optional()
    .describe("Of a message from the account: what became of it."),
});

export type MessageView = z.infer<typeof messageView>;

/**
 * @param max characters of its text
 * @param note what to say of it instead of what is said of all of its type
 */
export function viewOfMessage(message: InboxMessage, max: number, note?: string): MessageView {
  const view = message.direction === "in" ? viewOfReceived(message, max) : viewOfSent(message, max);
  return note === undefined ? view : { ...view, note };
}

/** An id or a key from a push: in plain mode anybody can put anything there. */
export const shownKey = (raw: string) => foreignText(raw, KEY).text;

const word = z.string().optional().catch(undefined);
const degrees = z.number().optional().catch(undefined);
/** The fields of pushes that are shown, whatever the type; a store may hold what another version wrote. */
const PUSH = z.object({
  text: word,
  recognition: word,
  title: word,
  description: word,
  url: word,
  label: word,
  latitude: degrees,
  longitude: degrees,
  mediaId: word,
  eventKey: word,
});

function viewOfReceived({ id, openid, at, message }: ReceivedMessage, max: number): MessageView {
  const push = PUSH.parse(message);
  const words = [push.text, push.recognition, push.label, push.title, push.description, push.url];
  const note = noteOn(message, push);
  return {
    ...common({ id, openid, at }),
    from: "follower",
    type: shownKey(message.type),
    ...shownText(words, max),
    ...(message.event !== undefined && { event: shownKey(message.event) }),
    ...(push.eventKey && { event_key: shownKey(push.eventKey) }),
    ...(push.mediaId && { media_id: shownKey(push.mediaId) }),
    ...(note && { note }),
  };
}

function viewOfSent({ id, openid, at, message, delivery }: OutgoingMessage, max: number): MessageView {
  const { text, title, description, url, mediaId } = PUSH.parse(message);
  return {
    ...common({ id, openid, at }),
    from: "account",
    type: message.type,
    ...shownText([text, title, description, url], max),
    ...(mediaId && { media_id: shownKey(mediaId) }),
    delivery,
  };
}

const common = ({ id, openid, at }: { id: string; openid: string; at: number }) => ({
  id,
  openid: shownKey(openid),
  at: new Date(at).toISOString(),
});

function shownText(words: readonly (string | undefined)[], max: number) {
  const said = words.filter((word) => word !== undefined && word !== "").join("\n");
  if (said === "") return {};
  const { text, truncated } = foreignText(said, max);
  return { text, ...(truncated && { truncated }) };
}

const NOTES: Readonly<Record<string, string>> = {
  image: "A picture, not shown here. read_wechat_conversation shows it, if WeChat still has it.",
  video: "A video. What it shows is not known to you.",
  shortvideo: "A video. What it shows is not known to you.",
  unknown: "A message of a kind that this server does not know.",
};
const EVENT_NOTES: Readonly<Record<string, string>> = {
  subscribe: "Began to follow the account.",
  unsubscribe: "Stopped following the account, and cannot be written to.",
  scan: "Scanned a QR code of the account.",
  click: "Tapped an item of the account's menu.",
  view: "Opened a page from the account's menu.",
  kf_create_session: "A human agent took the conversation over; what the follower writes goes to the agent.",
  kf_close_session: "The session with a human agent ended.",
};
const VOICE = "A voice message; text is what WeChat's speech recognition (语音识别) understood.";
const VOICE_WITHOUT_WORDS =
  "A voice message without words: speech recognition (语音识别) is not switched on for this account, or understood nothing.";

function noteOn({ type, event }: ReceivedMessage["message"], push: z.infer<typeof PUSH>): string | undefined {
  if (type === "voice") return push.recognition ? VOICE : VOICE_WITHOUT_WORDS;
  if (type === "location" && push.latitude !== undefined && push.longitude !== undefined) {
    return `A place: latitude ${push.latitude}, longitude ${push.longitude}.`;
  }
  const [notes, name] = type === "event" ? [EVENT_NOTES, event ?? ""] : [NOTES, type];
  return Object.hasOwn(notes, name) ? notes[name] : undefined;
}
