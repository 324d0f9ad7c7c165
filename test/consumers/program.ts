// A program in TypeScript that depends on the published package. It is compiled, not run: wrong types end the test.
import {
  type AddedMaterial,
  type Agent,
  type Article,
  Callback,
  type CallbackOptions,
  type CallEvent,
  type CustomMessage,
  type CustomMessageOf,
  clientOptionsFromEnv,
  type Delivery,
  type Diagnosis,
  type DownloadedFile,
  type ErrorCode,
  type EventOf,
  explainError,
  type FieldValue,
  Inbox,
  type InboxStore,
  type IncomingMessage,
  type MaterialPage,
  type MessageOf,
  type NewsMaterial,
  type NoticesAskedEvent,
  type PartResult,
  type Reply,
  type ScanEvent,
  type SendResult,
  type TextPush,
  type TokenFunction,
  type UploadedMedia,
  type User,
  type VideoMaterial,
  type VideoUrl,
  type WeChatApiError,
  WeChatClient,
  type WeChatClientError,
  type WeChatClientOptions,
  WeChatError,
  WeChatReplyWindowError,
  type WeChatTransportError,
  type WeChatValidationError,
} from "@wechat-offiaccount/core";
import { Agent as HttpAgent } from "undici";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only if it is given `true`. */
type Holds<_ extends true> = never;

const client = new WeChatClient({ appId: "wx00000000000000a1", appSecret: "secret" });
const openid = "oFollower";

// Results are inferred, without annotation.
const sent = await client.messages.sendText(openid, "你好");
const user = await client.users.get({ openid });
const agents = await client.agents.list();
const session = await client.sessions.get({ openid });
const { messageId } = await client.templates.send({ openid, templateId: "T", data: { keyword1: "v" } });
const quota = await client.quota.get({ path: "/cgi-bin/message/custom/send" });
export type Results = [
  Holds<Same<typeof sent, SendResult>>,
  Holds<Same<typeof sent.delivery, "delivered">>,
  Holds<Same<typeof user, User>>,
  Holds<Same<typeof user.followedAt, Date | undefined>>,
  Holds<Same<typeof agents, readonly Agent[]>>,
  Holds<Same<NonNullable<typeof session>["createdAt"], Date>>,
  Holds<Same<typeof messageId, string>>,
  Holds<Same<typeof quota.remaining, number>>,
  Holds<Same<ReturnType<typeof explainError>["remedy"]["zh"], string>>,
];
for await (const record of client.records.between(new Date(0), new Date())) record.text.trim();
for await (const follower of client.users.openids()) follower.trim();
// @ts-expect-error a result is not to be changed
sent.delivery = "delivered";

// Errors: by class, and by code.
export function wait(error: unknown): readonly PartResult[] | undefined {
  if (error instanceof WeChatReplyWindowError) {
    const code: "WECHAT_REPLY_WINDOW" = error.code;
    const facts: [number, string, string] = [error.errcode, error.remedy.zh, code];
    console.log(facts, error.rid?.length, error.delivery);
  }
  if (error instanceof WeChatError) {
    const delivery: Delivery | undefined = error.delivery;
    console.log(delivery, error.errcode, error.code === "WECHAT_QUOTA", error.remedy.en);
    return error.parts;
  }
  return undefined;
}

export function explain(error: WeChatApiError | WeChatTransportError | WeChatValidationError | WeChatClientError) {
  switch (error.code) {
    case "WECHAT_VALIDATION":
      return error.problems.map(({ field }) => field);
    case "WECHAT_CONNECT":
    case "WECHAT_TIMEOUT":
    case "WECHAT_RESET":
    case "WECHAT_ABORTED":
    case "WECHAT_HTTP_STATUS":
    case "WECHAT_BAD_ANSWER":
      return error.sent;
    case "WECHAT_CLOSED":
    case "WECHAT_TOKEN_SOURCE":
    case "WECHAT_NO_AGENT":
    case "WECHAT_STORE":
      return error.message;
    default:
      // What is left is WeChat's own refusal.
      return explainError(error.errcode).kind;
  }
}
const known: ErrorCode = "WECHAT_RATE";
// @ts-expect-error there is no such code
const unknown: ErrorCode = "WECHAT_RATES";

// All eleven messages, and none else.
const mediaId = "M";
const thumbMediaId = "T";
const url = "https://example.com";
export const messages: Record<CustomMessage["type"], CustomMessage> = {
  text: { type: "text", text: "你好" },
  image: { type: "image", mediaId },
  voice: { type: "voice", mediaId },
  video: { type: "video", mediaId, thumbMediaId, title: "t", description: "d" },
  music: { type: "music", url, hqUrl: url, thumbMediaId, title: "t", description: "d" },
  news: { type: "news", title: "t", description: "d", url, pictureUrl: url },
  mpnews: { type: "mpnews", mediaId },
  mpnewsarticle: { type: "mpnewsarticle", articleId: "A" },
  msgmenu: { type: "msgmenu", head: "h", items: [{ id: "1", text: "好" }], tail: "t" },
  wxcard: { type: "wxcard", cardId: "C" },
  miniprogrampage: { type: "miniprogrampage", title: "t", appId: "wx2", pagePath: "p", thumbMediaId },
};
export type ElevenTypes = Holds<
  Same<
    CustomMessage["type"],
    | "text"
    | "image"
    | "voice"
    | "video"
    | "music"
    | "news"
    | "mpnews"
    | "mpnewsarticle"
    | "msgmenu"
    | "wxcard"
    | "miniprogrampage"
  >
>;
const image: CustomMessageOf<"image"> = { type: "image", mediaId };
await client.messages.send(openid, image, { aiGenerated: true });
await client.messages.sendVideo(openid, { mediaId, thumbMediaId });
// @ts-expect-error WeChat Official Accounts have no such message
await client.messages.send(openid, { type: "markdown", text: "**x**" });
// @ts-expect-error a video needs thumbMediaId
await client.messages.send(openid, { type: "video", mediaId });
// @ts-expect-error WeChat's spelling is not ours
await client.messages.send(openid, { type: "image", media_id: mediaId });
// @ts-expect-error there is no such option
await client.messages.sendText(openid, "你好", { aiGenerate: true });

// What followers write and do, by type and event.
export function read(message: IncomingMessage): string {
  switch (message.type) {
    case "text":
      return message.text + (message.bizMsgMenuId ?? "");
    case "location":
      return (message.latitude + message.longitude).toFixed();
    case "unknown":
      return message.msgType + Object.keys(message.fields).join();
    case "event":
      return readEvent(message);
    default:
      // What is left are files and links.
      return message.type === "link" ? message.url : message.mediaId;
  }
}
function readEvent(event: Extract<IncomingMessage, { type: "event" }>): string {
  switch (event.event) {
    case "scan":
      return event.eventKey + (event.ticket ?? "");
    case "location_select":
      return event.poiName ?? event.latitude.toFixed();
    case "unknown": {
      const field: FieldValue | undefined = event.fields.Any;
      return event.eventName + String(field);
    }
    // @ts-expect-error there is no such event
    case "SCAN":
      return "";
    default:
      return event.createdAt.toFixed();
  }
}
declare const pushed: IncomingMessage;
// The name of an event is enough: messages have none.
if (pushed.event === "scan") pushed.ticket?.trim();
// @ts-expect-error only after a look at the type
pushed.text;
// @ts-expect-error a picture has no text
if (pushed.type === "image") pushed.text;
// @ts-expect-error may be absent
if (pushed.event === "subscribe") pushed.ticket.trim();
export type Pushes = [
  Holds<Same<MessageOf<"text">, TextPush>>,
  Holds<Same<EventOf<"scan">, ScanEvent>>,
  Holds<Same<EventOf<"subscribe_msg_popup_event">, NoticesAskedEvent>>,
  Holds<Same<EventOf<"pic_weixin">["md5Sums"], readonly string[]>>,
];

// Receiving: an inbox is optional, what the handler returns is checked.
const callback: CallbackOptions = {
  appId: "wx1",
  token: "token",
  mode: "plain",
  onMessage: () => {},
  onError: console.error,
};
new Callback(callback);
new Callback({ ...callback, inbox: new Inbox({ appId: "wx1" }), client });
new Callback({ ...callback, onMessage: async ({ openid }) => ({ type: "text", text: openid }) });
// @ts-expect-error that is no reply
new Callback({ ...callback, onMessage: () => ({ type: "text" }) });
// @ts-expect-error a key alone does not do
new Callback({ encodingAESKey: "k" });
const reply: Reply = { type: "video", mediaId };
// A store of your own can be written with exported types alone.
export const inboxOn = (store: InboxStore) => new Inbox({ appId: "wx1", store });

// Options.
const tokenSource: TokenFunction = async ({ force, signal }) => {
  signal?.throwIfAborted();
  return force ? { accessToken: "new", expiresIn: 7200 } : "shared";
};
const options: WeChatClientOptions = {
  appId: "wx00000000000000a1",
  tokenSource,
  dispatcher: new HttpAgent(),
  timeout: 5_000,
};
new WeChatClient(options);
new WeChatClient({ ...clientOptionsFromEnv(), busyRetry: { retries: 1, baseDelay: 10, maxDelay: 20 } });
// @ts-expect-error the AppID is needed
new WeChatClient({ appSecret: "secret" });
// @ts-expect-error one of the two, or a function
new WeChatClient({ appId: "wx00000000000000a1", appSecret: "secret", tokenSource: "shared" });
// @ts-expect-error milliseconds are a number
new WeChatClient({ appId: "wx00000000000000a1", appSecret: "secret", timeout: "5s" });
// @ts-expect-error resources are the client's to make
new WeChatClient(options).messages = client.messages;

export const durationOf = ({ duration, errcode }: CallEvent): number => (errcode === 0 ? duration : 0);
console.log(known, unknown, reply);

/** Files and diagnosis, as a program of somebody else's writes them. */
export async function files(stream: ReadableStream<Uint8Array>): Promise<readonly Article[]> {
  const uploaded: UploadedMedia = await client.media.upload("thumb", { path: "a.jpg" });
  const added: AddedMaterial = await client.materials.addImage({ stream, length: 5, filename: "a.png" });
  await client.materials.addVideo(new Blob([]), { title: "t" }, { timeout: 5, deadline: 10 });
  const got: DownloadedFile | VideoUrl = await client.media.download(uploaded.mediaId);
  const content: Buffer | string = got.kind === "file" ? await got.toBuffer({ maxBytes: 5 }) : got.url;
  const page: MaterialPage = await client.materials.list({ type: "news", count: 5 });
  const material: DownloadedFile | VideoMaterial | NewsMaterial = await client.materials.get(added.mediaId);
  for await (const { updatedAt } of client.materials.all("voice"))
    console.log(updatedAt.getTime(), page.total, content);
  const diagnosis: Diagnosis = await client.diagnose({ timeout: 5 });
  console.log(diagnosis);
  return material.kind === "news" ? material.articles : [];
}
// @ts-expect-error a stream needs its length
client.media.upload("image", { stream: new Blob([]).stream() });
// @ts-expect-error news are not uploaded
client.media.upload("news", new Blob([]));
// @ts-expect-error the library lists no thumbs
client.materials.list({ type: "thumb" });
