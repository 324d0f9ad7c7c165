import type { PushedMessage } from "../inbox/arrival.js";
import type { Fields } from "./fields.js";

/*
 * What followers write, in our own names. How each is read from WeChat's words is in message-table.ts, which the
 * compiler holds to these types. Source: developers.weixin.qq.com, 接收普通消息.
 */

/** What every push has. */
export interface AnyPush extends PushedMessage {
  /** The article's data id, when the message comes from an article. */
  readonly msgDataId?: string;
  /** Which article of several it comes from, from 1. */
  readonly idx?: number;
}

/** What every message of a follower has. */
interface MessagePush extends AnyPush {
  /** Only events have one: who asks for an event by its name has ruled out messages. */
  readonly event?: never;
}

/** A text. */
export interface TextPush extends MessagePush {
  /** What this is. */
  readonly type: "text";
  /** What the follower wrote. May be empty. */
  readonly text: string;
  /** Your own id of the item, when the follower tapped an item of a `msgmenu` message; `text` is then its words. */
  readonly bizMsgMenuId?: string;
}

/** A picture. */
export interface ImagePush extends MessagePush {
  /** What this is. */
  readonly type: "image";
  /** For `client.media.download`: WeChat keeps the file as temporary media (临时素材). */
  readonly mediaId: string;
  /** A link to the picture, made by WeChat. */
  readonly picUrl?: string;
}

/** A voice recording. */
export interface VoicePush extends MessagePush {
  /** What this is. */
  readonly type: "voice";
  /** For `client.media.download`: WeChat keeps the file as temporary media (临时素材). */
  readonly mediaId: string;
  /** How it is recorded: `amr` mostly. */
  readonly format?: string;
  /** The words, if the account has speech recognition (语音识别) switched on. */
  readonly recognition?: string;
}

/** A video. */
export interface VideoPush extends MessagePush {
  /** What this is. */
  readonly type: "video";
  /** For `client.media.download`: WeChat keeps the file as temporary media (临时素材). */
  readonly mediaId: string;
  /** The media_id of its preview picture. */
  readonly thumbMediaId?: string;
}

/** A short video (小视频). */
export interface ShortVideoPush extends MessagePush {
  /** What this is. */
  readonly type: "shortvideo";
  /** For `client.media.download`: WeChat keeps the file as temporary media (临时素材). */
  readonly mediaId: string;
  /** The media_id of its preview picture. */
  readonly thumbMediaId?: string;
}

/** A place that the follower sent; one that the phone reports by itself is a {@link LocationEvent}. */
export interface LocationPush extends MessagePush {
  /** What this is. */
  readonly type: "location";
  /** In degrees. */
  readonly latitude: number;
  /** In degrees. */
  readonly longitude: number;
  /** The zoom of the map. */
  readonly scale?: number;
  /** The place in words. */
  readonly label?: string;
}

/** A link. */
export interface LinkPush extends MessagePush {
  /** What this is. */
  readonly type: "link";
  /** Where it leads. */
  readonly url: string;
  /** Its title. */
  readonly title?: string;
  /** A few words about it. */
  readonly description?: string;
}

/** A message of a type that this version does not know, or that lacks what its type needs. */
export interface UnknownMessage extends MessagePush {
  /** What this is. */
  readonly type: "unknown";
  /** WeChat's own name of the type. */
  readonly msgType: string;
  /** Everything WeChat sent, by its own names; every leaf is text. */
  readonly fields: Fields;
}

/** A follower's message of a type that is known. */
export type KnownMessage = TextPush | ImagePush | VoicePush | VideoPush | ShortVideoPush | LocationPush | LinkPush;

/** A follower's message of one type, such as `MessageOf<"image">`. */
export type MessageOf<Type extends KnownMessage["type"]> = Extract<KnownMessage, { type: Type }>;
