import type { EventOf, KnownEvent, SubscriptionNotice } from "./event-types.js";
import { type Fields, fieldsOf, isFields, listOf, textOf } from "./fields.js";
import type { AnyPush, KnownMessage, MessageOf } from "./message-types.js";

/** Takes one value out of what WeChat sent; `undefined` if it is not there or odd. */
type Reader<T> = (fields: Fields) => T;
/** A reader for each field, none more and none less. Fields that may not be absent throw {@link Missing}. */
export type ReadersOf<Found> = { readonly [Name in keyof Found]-?: Reader<Found[Name]> };
/** The same for what is of one message or event only; what all have is read apart. */
type OwnReadersOf<Push extends AnyPush> = keyof Push extends keyof AnyPush
  ? Readonly<Record<string, never>> // {} would let any reader pass
  : ReadersOf<Omit<Push, keyof AnyPush>>;

/** A field without which a message is not what its type says; such a message comes through as unknown. */
export class Missing extends Error {}

const optional =
  (name: string): Reader<string | undefined> =>
  (fields) =>
    // WeChat writes an empty element where there is nothing.
    textOf(fields, name) || undefined;

/** May be empty, but must be there. */
const needed =
  (name: string): Reader<string> =>
  (fields) => {
    const value = textOf(fields, name);
    if (value === undefined) throw new Missing(name);
    return value;
  };

const numberOf = (text: string | undefined): number | undefined => {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

const optionalNumber =
  (name: string): Reader<number | undefined> =>
  (fields) =>
    numberOf(textOf(fields, name));

const neededNumber =
  (name: string): Reader<number> =>
  (fields) => {
    const value = numberOf(textOf(fields, name));
    if (value === undefined) throw new Missing(name);
    return value;
  };

/** The same reader within a group of fields. */
const within =
  <T>(group: string, reader: Reader<T>): Reader<T> =>
  (fields) =>
    reader(fieldsOf(fields, group));

const notices = (group: string) =>
  within(group, (fields): readonly SubscriptionNotice[] =>
    listOf(fields, "List")
      .filter(isFields)
      .map((item) => readAll(NOTICE, item)),
  );
const NOTICE: ReadersOf<SubscriptionNotice> = {
  templateId: (item) => textOf(item, "TemplateId") ?? "",
  status: optional("SubscribeStatusString"),
  popupScene: optional("PopupScene"),
  msgId: optional("MsgID"),
  errorCode: optionalNumber("ErrorCode"),
  errorStatus: optional("ErrorStatus"),
};

/**
 * What the readers find.
 * @throws Missing
 */
export function readAll<Found extends object>(readers: ReadersOf<Found>, fields: Fields): Found {
  const found: Partial<Found> = {};
  for (const name in readers) {
    const value = readers[name](fields);
    if (value !== undefined) found[name] = value;
  }
  return found as Found;
}

const menuScan: OwnReadersOf<EventOf<"scancode_push" | "scancode_waitmsg">> = {
  eventKey: needed("EventKey"),
  scanType: within("ScanCodeInfo", optional("ScanType")),
  scanResult: within("ScanCodeInfo", optional("ScanResult")),
};
const menuPictures: OwnReadersOf<EventOf<"pic_sysphoto" | "pic_photo_or_album" | "pic_weixin">> = {
  eventKey: needed("EventKey"),
  count: within("SendPicsInfo", optionalNumber("Count")),
  md5Sums: within("SendPicsInfo", (fields): readonly string[] =>
    listOf(fieldsOf(fields, "PicList"), "item").flatMap((item) =>
      isFields(item) ? (textOf(item, "PicMd5Sum") ?? []) : [],
    ),
  ),
};
const menuPage: OwnReadersOf<EventOf<"view" | "view_miniprogram">> = {
  eventKey: needed("EventKey"),
  menuId: optional("MenuId"),
};
const video: OwnReadersOf<MessageOf<"video" | "shortvideo">> = {
  mediaId: needed("MediaId"),
  thumbMediaId: optional("ThumbMediaId"),
};
const authorization: OwnReadersOf<EventOf<"user_info_modified" | "user_authorization_revoke">> = {
  authorizedOpenid: optional("OpenID"),
  appId: optional("AppID"),
  revokeInfo: optional("RevokeInfo"),
};

/** What every push may have beside its kind, sender, account and time. */
export const COMMON: ReadersOf<Omit<AnyPush, "type" | "event" | "openid" | "accountId" | "createdAt">> = {
  // Events about a message that was sent name it MsgID.
  msgId: (fields) => textOf(fields, "MsgId") || textOf(fields, "MsgID") || undefined,
  msgDataId: optional("MsgDataId"),
  idx: (fields) => Number(textOf(fields, "Idx")) || undefined,
};

/** The messages of followers. What the fields mean is said in message-types.ts. */
export const MESSAGE_TABLE: { readonly [Type in KnownMessage["type"]]: OwnReadersOf<MessageOf<Type>> } = {
  text: { text: needed("Content"), bizMsgMenuId: optional("bizmsgmenuid") },
  image: { mediaId: needed("MediaId"), picUrl: optional("PicUrl") },
  voice: { mediaId: needed("MediaId"), format: optional("Format"), recognition: optional("Recognition") },
  video,
  shortvideo: video,
  location: {
    latitude: neededNumber("Location_X"),
    longitude: neededNumber("Location_Y"),
    scale: optionalNumber("Scale"),
    label: optional("Label"),
  },
  link: { url: needed("Url"), title: optional("Title"), description: optional("Description") },
};

/** Events by WeChat's name in lower case. What the fields mean is said in event-types.ts. */
export const EVENT_TABLE: { readonly [Name in KnownEvent["event"]]: OwnReadersOf<EventOf<Name>> } = {
  subscribe: { eventKey: optional("EventKey"), ticket: optional("Ticket") },
  unsubscribe: {},
  scan: { eventKey: needed("EventKey"), ticket: optional("Ticket") },
  location: {
    latitude: neededNumber("Latitude"),
    longitude: neededNumber("Longitude"),
    precision: optionalNumber("Precision"),
  },
  click: { eventKey: needed("EventKey") },
  view: menuPage,
  view_miniprogram: menuPage,
  scancode_push: menuScan,
  scancode_waitmsg: menuScan,
  pic_sysphoto: menuPictures,
  pic_photo_or_album: menuPictures,
  pic_weixin: menuPictures,
  location_select: {
    eventKey: needed("EventKey"),
    latitude: within("SendLocationInfo", neededNumber("Location_X")),
    longitude: within("SendLocationInfo", neededNumber("Location_Y")),
    scale: within("SendLocationInfo", optionalNumber("Scale")),
    label: within("SendLocationInfo", optional("Label")),
    poiName: within("SendLocationInfo", optional("Poiname")),
  },
  templatesendjobfinish: { status: needed("Status") },
  masssendjobfinish: {
    status: needed("Status"),
    totalCount: optionalNumber("TotalCount"),
    filterCount: optionalNumber("FilterCount"),
    sentCount: optionalNumber("SentCount"),
    errorCount: optionalNumber("ErrorCount"),
  },
  subscribe_msg_popup_event: { notices: notices("SubscribeMsgPopupEvent") },
  subscribe_msg_change_event: { notices: notices("SubscribeMsgChangeEvent") },
  subscribe_msg_sent_event: { notices: notices("SubscribeMsgSentEvent") },
  user_info_modified: authorization,
  user_authorization_revoke: authorization,
  kf_create_session: { account: needed("KfAccount") },
  kf_close_session: { account: needed("KfAccount") },
  kf_switch_session: { fromAccount: needed("FromKfAccount"), toAccount: needed("ToKfAccount") },
};
