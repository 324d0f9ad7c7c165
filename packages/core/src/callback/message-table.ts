import { type Fields, fieldsOf, isFields, listOf, textOf } from "./fields.js";

/** Takes one value out of what WeChat sent; `undefined` if it is not there or odd. */
type Reader<T> = (fields: Fields) => T;
/** The readers of one type of message. Those that never give `undefined` are needed: see {@link Missing}. */
export type Readers = Readonly<Record<string, Reader<unknown>>>;

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

type ReadAll<R extends Readers> = {
  readonly [Name in keyof R as undefined extends ReturnType<R[Name]> ? never : Name]: ReturnType<R[Name]>;
} & {
  readonly [Name in keyof R as undefined extends ReturnType<R[Name]> ? Name : never]?: Exclude<
    ReturnType<R[Name]>,
    undefined
  >;
};
/** What the readers of a table entry give: a field of ours each. */
export type ReadBy<R extends Readers> = { readonly [Name in keyof ReadAll<R>]: ReadAll<R>[Name] };

/** A notice of which the follower decided something, or which was sent. */
export interface SubscriptionNotice {
  readonly templateId: string;
  /** `accept` or `reject`. */
  readonly status?: string;
  /** Where the follower was asked. */
  readonly popupScene?: string;
  readonly msgId?: string;
  /** 0 if it was sent. */
  readonly errorCode?: number;
  readonly errorStatus?: string;
}

const notices = (group: string) =>
  within(group, (fields): readonly SubscriptionNotice[] =>
    listOf(fields, "List")
      .filter(isFields)
      .map((item) => assign({ templateId: textOf(item, "TemplateId") ?? "" }, NOTICE, item)),
  );
const NOTICE = {
  status: optional("SubscribeStatusString"),
  popupScene: optional("PopupScene"),
  msgId: optional("MsgID"),
  errorCode: optionalNumber("ErrorCode"),
  errorStatus: optional("ErrorStatus"),
};

/** Adds to `target` what the readers find. */
export function assign<T extends object, R extends Readers>(target: T, readers: R, fields: Fields): T & ReadBy<R> {
  const found: Record<string, unknown> = {};
  for (const name in readers) {
    const value = readers[name]?.(fields);
    if (value !== undefined) found[name] = value;
  }
  return Object.assign(target, found as ReadBy<R>);
}

const scan = {
  /** The key of the menu item. */
  eventKey: needed("EventKey"),
  /** `qrcode` mostly. */
  scanType: within("ScanCodeInfo", optional("ScanType")),
  /** What the code says. */
  scanResult: within("ScanCodeInfo", optional("ScanResult")),
};
const pictures = {
  /** The key of the menu item. */
  eventKey: needed("EventKey"),
  /** How many; each comes as a message of its own. */
  count: within("SendPicsInfo", optionalNumber("Count")),
  /** MD5 sums of the pictures. */
  md5Sums: within("SendPicsInfo", (fields): readonly string[] =>
    listOf(fieldsOf(fields, "PicList"), "item").flatMap((item) =>
      isFields(item) ? (textOf(item, "PicMd5Sum") ?? []) : [],
    ),
  ),
};
const video = {
  mediaId: needed("MediaId"),
  /** The preview picture. */
  thumbMediaId: optional("ThumbMediaId"),
};
const authorization = {
  /** The person whose data is meant: `openid` is the platform's own sender here. */
  authorizedOpenid: optional("OpenID"),
  appId: optional("AppID"),
  /** What was taken back: 1 the web authorization, 2 part of it, 201 … by WeChat's page 授权用户信息变更. */
  revokeInfo: optional("RevokeInfo"),
};

/** The messages of followers. Source: developers.weixin.qq.com, 接收普通消息. */
export const MESSAGE_TABLE = {
  text: {
    text: needed("Content"),
    /** The id of the item, when the follower tapped an item of a `msgmenu` message. */
    bizMsgMenuId: optional("bizmsgmenuid"),
  },
  image: { picUrl: optional("PicUrl"), mediaId: needed("MediaId") },
  voice: {
    mediaId: needed("MediaId"),
    /** `amr` mostly. */
    format: optional("Format"),
    /** The words, if speech recognition is switched on. */
    recognition: optional("Recognition"),
  },
  video,
  shortvideo: video,
  location: {
    latitude: neededNumber("Location_X"),
    longitude: neededNumber("Location_Y"),
    /** The zoom of the map. */
    scale: optionalNumber("Scale"),
    /** The place in words. */
    label: optional("Label"),
  },
  link: { title: optional("Title"), description: optional("Description"), url: needed("Url") },
} as const satisfies Record<string, Readers>;

/** Events by WeChat's name in lower case. Sources: developers.weixin.qq.com, 接收事件推送 and the pages of the features. */
export const EVENT_TABLE = {
  /** By a QR code: `eventKey` is `qrscene_` and the scene. */
  subscribe: { eventKey: optional("EventKey"), ticket: optional("Ticket") },
  unsubscribe: {},
  scan: { eventKey: needed("EventKey"), ticket: optional("Ticket") },
  location: {
    latitude: neededNumber("Latitude"),
    longitude: neededNumber("Longitude"),
    /** Metres. */
    precision: optionalNumber("Precision"),
  },
  click: { eventKey: needed("EventKey") },
  /** `eventKey` is the URL. */
  view: { eventKey: needed("EventKey"), menuId: optional("MenuId") },
  /** `eventKey` is the page of the mini program. */
  view_miniprogram: { eventKey: needed("EventKey"), menuId: optional("MenuId") },
  scancode_push: scan,
  scancode_waitmsg: scan,
  pic_sysphoto: pictures,
  pic_photo_or_album: pictures,
  pic_weixin: pictures,
  location_select: {
    eventKey: needed("EventKey"),
    latitude: within("SendLocationInfo", neededNumber("Location_X")),
    longitude: within("SendLocationInfo", neededNumber("Location_Y")),
    scale: within("SendLocationInfo", optionalNumber("Scale")),
    label: within("SendLocationInfo", optional("Label")),
    poiName: within("SendLocationInfo", optional("Poiname")),
  },
  /** What became of a template message, which `msgId` names. */
  templatesendjobfinish: {
    /** `success`, `failed:user block` or `failed: system failed`. */
    status: needed("Status"),
  },
  /** What became of a broadcast, which `msgId` names. */
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
  /** `account` is the agent. */
  kf_create_session: { account: needed("KfAccount") },
  kf_close_session: { account: needed("KfAccount") },
  kf_switch_session: { fromAccount: needed("FromKfAccount"), toAccount: needed("ToKfAccount") },
} as const satisfies Record<string, Readers>;
