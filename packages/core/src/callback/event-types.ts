import type { Fields } from "./fields.js";
import type { AnyPush } from "./message-types.js";

/*
 * What followers do, and what WeChat reports by itself, in our own names; `event` is WeChat's name in lower case. How
 * each is read from WeChat's words is in message-table.ts, which the compiler holds to these types. Sources:
 * developers.weixin.qq.com, 接收事件推送, 自定义菜单事件推送, and the pages of the features.
 */

/** What every event has. */
interface EventPush extends AnyPush {
  /** What this is. */
  readonly type: "event";
}

/** Somebody follows the account. */
export interface SubscribeEvent extends EventPush {
  /** What happened. */
  readonly event: "subscribe";
  /** `qrscene_` and the scene, when they came by a QR code with a scene. */
  readonly eventKey?: string;
  /** Names that QR code; WeChat gives its picture for it. */
  readonly ticket?: string;
}

/** Somebody follows the account no longer, and must not be written to; WeChat asks that their data be deleted. */
export interface UnsubscribeEvent extends EventPush {
  /** What happened. */
  readonly event: "unsubscribe";
}

/** A follower scanned a QR code with a scene; who was no follower before makes a {@link SubscribeEvent}. */
export interface ScanEvent extends EventPush {
  /** What happened. */
  readonly event: "scan";
  /** The scene. */
  readonly eventKey: string;
  /** Names the QR code; WeChat gives its picture for it. */
  readonly ticket?: string;
}

/** Where a follower is, reported by the phone of those who allow it: on opening the chat, or every 5 s while in it. */
export interface LocationEvent extends EventPush {
  /** What happened. */
  readonly event: "location";
  /** In degrees. */
  readonly latitude: number;
  /** In degrees. */
  readonly longitude: number;
  /** How exact the place is (地理位置精度); WeChat names no unit. */
  readonly precision?: number;
}

/** A follower tapped a menu item that sends its key. */
export interface ClickEvent extends EventPush {
  /** What happened. */
  readonly event: "click";
  /** The key of the menu item. */
  readonly eventKey: string;
}

/** A follower tapped a menu item that opens a page. */
export interface ViewEvent extends EventPush {
  /** What happened. */
  readonly event: "view";
  /** The URL of the page. */
  readonly eventKey: string;
  /** Which menu it was, where followers see different ones (个性化菜单). */
  readonly menuId?: string;
}

/** A follower tapped a menu item that opens a mini program. */
export interface ViewMiniProgramEvent extends EventPush {
  /** What happened. */
  readonly event: "view_miniprogram";
  /** The page of the mini program. */
  readonly eventKey: string;
  /** Which menu it was, where followers see different ones (个性化菜单). */
  readonly menuId?: string;
}

/** What both menu items for scanning give. */
interface CodeScanned extends EventPush {
  /** The key of the menu item. */
  readonly eventKey: string;
  /** What was scanned: `qrcode` mostly. */
  readonly scanType?: string;
  /** What the code says. */
  readonly scanResult?: string;
}

/** A follower scanned a code by a menu item, and sees its content. */
export interface ScanCodeEvent extends CodeScanned {
  /** What happened. */
  readonly event: "scancode_push";
}

/** A follower scanned a code by a menu item, and waits for your message (消息接收中). */
export interface ScanCodeWaitEvent extends CodeScanned {
  /** What happened. */
  readonly event: "scancode_waitmsg";
}

/** What all menu items for pictures give. Each picture comes as an `image` message of its own. */
interface PicturesSent extends EventPush {
  /** The key of the menu item. */
  readonly eventKey: string;
  /** How many pictures. */
  readonly count?: number;
  /** The MD5 sums of the pictures. May be empty. */
  readonly md5Sums: readonly string[];
}

/** A follower took pictures by a menu item. */
export interface PhotoEvent extends PicturesSent {
  /** What happened. */
  readonly event: "pic_sysphoto";
}

/** A follower took pictures, or chose some of the phone's, by a menu item. */
export interface PhotoOrAlbumEvent extends PicturesSent {
  /** What happened. */
  readonly event: "pic_photo_or_album";
}

/** A follower chose pictures in WeChat's album by a menu item. */
export interface WeixinAlbumEvent extends PicturesSent {
  /** What happened. */
  readonly event: "pic_weixin";
}

/** A follower chose a place on the map by a menu item. */
export interface LocationSelectEvent extends EventPush {
  /** What happened. */
  readonly event: "location_select";
  /** The key of the menu item. */
  readonly eventKey: string;
  /** In degrees. */
  readonly latitude: number;
  /** In degrees. */
  readonly longitude: number;
  /** The zoom of the map. */
  readonly scale?: number;
  /** The place in words. */
  readonly label?: string;
  /** The name of a point of interest (朋友圈 POI). */
  readonly poiName?: string;
}

/** What became of a template message; `msgId` is the one that sending gave. */
export interface TemplateSentEvent extends EventPush {
  /** What happened. */
  readonly event: "templatesendjobfinish";
  /** `success`, `failed:user block` or `failed: system failed`. */
  readonly status: string;
}

/** What became of a broadcast (群发); `msgId` is the one that sending gave. */
export interface BroadcastSentEvent extends EventPush {
  /** What happened. */
  readonly event: "masssendjobfinish";
  /** `send success`, `send fail`, or `err(…)` with a number that says why it was not allowed. */
  readonly status: string;
  /** Followers whom it was meant for. */
  readonly totalCount?: number;
  /** Followers who were left after those who cannot or will not get it; mostly `sentCount` and `errorCount` together. */
  readonly filterCount?: number;
  /** Followers who got it. */
  readonly sentCount?: number;
  /** Followers whom it did not reach. */
  readonly errorCount?: number;
}

/**
 * A notice (订阅通知) of which the follower decided something, or which was sent. Source: developers.weixin.qq.com,
 * 订阅通知 事件推送.
 */
export interface SubscriptionNotice {
  /** The template of the notice. Empty if WeChat named none. */
  readonly templateId: string;
  /** What the follower decided: `accept` or `reject`. */
  readonly status?: string;
  /** Where the follower was asked: `1` on a web page, `2` in an article. */
  readonly popupScene?: string;
  /** The message that was sent. */
  readonly msgId?: string;
  /** 0 if it was sent. */
  readonly errorCode?: number;
  /** The same in words, such as `success`. */
  readonly errorStatus?: string;
}

/** A follower answered the question whether they want notices. */
export interface NoticesAskedEvent extends EventPush {
  /** What happened. */
  readonly event: "subscribe_msg_popup_event";
  /** Each notice, with `status` and `popupScene`. */
  readonly notices: readonly SubscriptionNotice[];
}

/** A follower changed in their settings what notices they want; WeChat tells only of those refused. */
export interface NoticesChangedEvent extends EventPush {
  /** What happened. */
  readonly event: "subscribe_msg_change_event";
  /** Each notice, with `status`. */
  readonly notices: readonly SubscriptionNotice[];
}

/** What became of a notice that was sent. */
export interface NoticeSentEvent extends EventPush {
  /** What happened. */
  readonly event: "subscribe_msg_sent_event";
  /** Each notice, with `msgId`, `errorCode` and `errorStatus`. */
  readonly notices: readonly SubscriptionNotice[];
}

/**
 * What both events about a person's data have: `openid` is the platform's own sender here. Source:
 * developers.weixin.qq.com, 授权用户信息变更.
 */
interface PersonalDataChanged extends EventPush {
  /** The person whose data is meant. */
  readonly authorizedOpenid?: string;
  /** The account that the person allowed to see the data. */
  readonly appId?: string;
  /**
   * What was taken back: `201` address, `202` invoices, `203` cards, `204` microphone, `205` nickname and picture, `206`
   * place, `207` chosen pictures or videos. WeChat's own example has a `1` besides.
   */
  readonly revokeInfo?: string;
}

/** WeChat removed data of a person, such as nickname or picture: renew or delete your copy. */
export interface UserInfoModifiedEvent extends PersonalDataChanged {
  /** What happened. */
  readonly event: "user_info_modified";
}

/** A person takes back the permission to their data: delete your copy. */
export interface AuthorizationRevokedEvent extends PersonalDataChanged {
  /** What happened. */
  readonly event: "user_authorization_revoke";
}

/** A human agent took the follower over: until the session ends, messages go to the agent and not to the callback. */
export interface SessionCreatedEvent extends EventPush {
  /** What happened. */
  readonly event: "kf_create_session";
  /** The agent, `name@account-wechat-id`. */
  readonly account: string;
}

/** The session with a human agent ended. */
export interface SessionClosedEvent extends EventPush {
  /** What happened. */
  readonly event: "kf_close_session";
  /** The agent, `name@account-wechat-id`. */
  readonly account: string;
}

/** A human agent handed the follower to another. */
export interface SessionSwitchedEvent extends EventPush {
  /** What happened. */
  readonly event: "kf_switch_session";
  /** The agent before, `name@account-wechat-id`. */
  readonly fromAccount: string;
  /** The agent now, `name@account-wechat-id`. */
  readonly toAccount: string;
}

/** An event that this version does not know, or that lacks what its name needs. */
export interface UnknownEvent extends EventPush {
  /** What happened. */
  readonly event: "unknown";
  /** WeChat's own name of the event. */
  readonly eventName: string;
  /** Everything WeChat sent, by its own names; every leaf is text. */
  readonly fields: Fields;
}

/** An event of a name that is known. */
export type KnownEvent =
  | SubscribeEvent
  | UnsubscribeEvent
  | ScanEvent
  | LocationEvent
  | ClickEvent
  | ViewEvent
  | ViewMiniProgramEvent
  | ScanCodeEvent
  | ScanCodeWaitEvent
  | PhotoEvent
  | PhotoOrAlbumEvent
  | WeixinAlbumEvent
  | LocationSelectEvent
  | TemplateSentEvent
  | BroadcastSentEvent
  | NoticesAskedEvent
  | NoticesChangedEvent
  | NoticeSentEvent
  | UserInfoModifiedEvent
  | AuthorizationRevokedEvent
  | SessionCreatedEvent
  | SessionClosedEvent
  | SessionSwitchedEvent;

/** An event of one name, such as `EventOf<"subscribe">`. */
export type EventOf<Name extends KnownEvent["event"]> = Extract<KnownEvent, { event: Name }>;
