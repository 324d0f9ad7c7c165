export type { Agent, AgentInvitation, Agents, OnlineAgent } from "./api/agents.js";
export type { Article, NewsMaterial } from "./api/articles.js";
export type {
  ArticleMessage,
  CardMessage,
  CustomMessage,
  CustomMessageOf,
  ImageMessage,
  MenuItem,
  MenuMessage,
  MiniProgramMessage,
  MpNewsMessage,
  MusicMessage,
  NewsMessage,
  TextMessage,
  VideoMessage,
  VoiceMessage,
} from "./api/custom-message.js";
export type { DownloadedFile } from "./api/download.js";
export type { Endpoint, RetryClass, WireRequest } from "./api/endpoint.js";
export { ENDPOINTS } from "./api/endpoints.js";
export type {
  AddedMaterial,
  Material,
  MaterialCounts,
  MaterialPage,
  MaterialType,
  VideoMaterial,
} from "./api/materials.js";
export type { UploadedMedia, VideoUrl } from "./api/media.js";
export type { FileRules, Format, MediaType } from "./api/media-formats.js";
export { recognise as formatOf, TEMPORARY as TEMPORARY_MEDIA } from "./api/media-formats.js";
export { checkMessage } from "./api/message-types.js";
export type { Messages, SendOptions, SendResult, SendTextOptions, TextPlan } from "./api/messages.js";
export type { CallbackCheck, Network, PingedAddress, ResolvedAddress } from "./api/network.js";
export type { CallRecord, CallUse, Quota, RateLimit } from "./api/quota.js";
export type { MessageRecord, RecordPage, Records } from "./api/records.js";
export type { CallOptions, RawRequestOptions } from "./api/requester.js";
export type {
  AgentSession,
  FollowerSession,
  HandedOver,
  Sessions,
  TakenBack,
  WaitingFollower,
  WaitingFollowers,
} from "./api/sessions.js";
export type { Template, TemplateMessage, TemplateMiniProgram, TemplateSent, Templates } from "./api/templates.js";
export { checkTemplateMessage } from "./api/templates.js";
export type { FileToSend } from "./api/upload.js";
export type { UploadSource } from "./api/upload-source.js";
export type { OpenidPage, Tag, User, Users } from "./api/users.js";
export type { CallEvent } from "./call-events.js";
export { CALL_CHANNEL } from "./call-events.js";
export { Callback } from "./callback/callback.js";
export { checkReply, fitsPassively } from "./callback/check-reply.js";
export type {
  AuthorizationRevokedEvent,
  BroadcastSentEvent,
  ClickEvent,
  EventOf,
  KnownEvent,
  LocationEvent,
  LocationSelectEvent,
  NoticeSentEvent,
  NoticesAskedEvent,
  NoticesChangedEvent,
  PhotoEvent,
  PhotoOrAlbumEvent,
  ScanCodeEvent,
  ScanCodeWaitEvent,
  ScanEvent,
  SessionClosedEvent,
  SessionCreatedEvent,
  SessionSwitchedEvent,
  SubscribeEvent,
  SubscriptionNotice,
  TemplateSentEvent,
  UnknownEvent,
  UnsubscribeEvent,
  UserInfoModifiedEvent,
  ViewEvent,
  ViewMiniProgramEvent,
  WeixinAlbumEvent,
} from "./callback/event-types.js";
export type { Fields, FieldValue } from "./callback/fields.js";
export type { ReplyClient } from "./callback/late.js";
export type {
  ImagePush,
  KnownMessage,
  LinkPush,
  LocationPush,
  MessageOf,
  ShortVideoPush,
  TextPush,
  UnknownMessage,
  VideoPush,
  VoicePush,
} from "./callback/message-types.js";
export type { IncomingMessage } from "./callback/messages.js";
export type { CallbackOptions, MessageHandler } from "./callback/options.js";
export type { RefusalEntry, RefusalReason, RefusedRequest } from "./callback/refusals.js";
export { REFUSALS } from "./callback/refusals.js";
export type { Reply, TransferToAgents, VideoReply } from "./callback/replies.js";
export { WeChatClient } from "./client.js";
export type { Delivery, PartResult } from "./delivery.js";
export { deliveryOf } from "./delivery.js";
export type { CheckId, CheckStatus, Diagnosis, DiagnosisCheck } from "./diagnosis/check.js";
export { clientOptionsFromEnv } from "./env.js";
export type { Bilingual, ErrorEntry, ErrorKind, ExplainedErrcode, RetryAdvice } from "./error-catalog.js";
export { explainError } from "./error-catalog.js";
export type {
  ApiErrorCode,
  ApiFacts,
  ErrorCode,
  InputProblem,
  Outcome,
  TransportErrorCode,
  TransportFacts,
  TransportFailure,
} from "./errors.js";
export {
  WeChatApiError,
  WeChatBusyError,
  WeChatClientError,
  WeChatContentError,
  WeChatCredentialError,
  WeChatError,
  WeChatPermissionError,
  WeChatQuotaError,
  WeChatRateError,
  WeChatRecipientError,
  WeChatReplyWindowError,
  WeChatTransportError,
  WeChatValidationError,
} from "./errors.js";
export { isOpenid } from "./identifiers.js";
export type { Arrival, PushedMessage, Receiver } from "./inbox/arrival.js";
export type {
  Conversation,
  ConversationPage,
  ConversationsOptions,
  InboxMessage,
  InboxStats,
  IncomingOptions,
  IncomingPage,
  MessagePage,
  OutgoingMessage,
  PageOptions,
  ReadOptions,
  ReceivedMessage,
  WaitOptions,
} from "./inbox/conversations.js";
export { Inbox } from "./inbox/inbox.js";
export type { InboxOptions } from "./inbox/inbox-options.js";
export type { Coverage, Listener } from "./inbox/listening.js";
export { MemoryStore, type MemoryStoreOptions } from "./inbox/memory.js";
export { inboxFromEnv, openInbox } from "./inbox/open.js";
export type { ReplyGrant, ReplyRule, ReplyWindow } from "./inbox/reply-window.js";
export { LONGEST_WINDOW, REPLY_GRANTS, type ReplyAllowance, type Scene } from "./inbox/scenes.js";
export type { Sent, SentLog, SentMessage } from "./inbox/sent.js";
export type {
  FactsUpdate,
  InboxStore,
  NoteAmendment,
  NoteChange,
  StoredArrival,
  StoredConversation,
  StoredCounts,
  StoredMessage,
  StoredPage,
  StoredPush,
  StoredReply,
} from "./inbox/store.js";
export type { WeChatClientOptions } from "./options.js";
export { QuietLog } from "./quiet-log.js";
export { redact } from "./redact.js";
export type { RetryPolicy } from "./retry.js";
export { BUSY_RETRY, RAPID_RETRY, READ_RETRY, TOKEN_RETRY } from "./retry.js";
export { interpretEscapes } from "./text/escapes.js";
export { markdownToText } from "./text/markdown.js";
export type { SplitOptions } from "./text/split.js";
export { splitText } from "./text/split.js";
export type { TokenFunction, TokenGrant, TokenRequest } from "./token/sources.js";
export type { StoredToken, TokenStore } from "./token/store.js";
export type { JsonAnswer } from "./transport/answer.js";
