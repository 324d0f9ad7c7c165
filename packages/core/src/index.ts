export type { CallEvent } from "./api/call.js";
export { CALL_CHANNEL } from "./api/call.js";
export type { Endpoint, RetryClass, WireRequest } from "./api/endpoint.js";
export { ENDPOINTS } from "./api/endpoints.js";
export { type CustomMessage, type CustomMessageOf, checkMessage } from "./api/message-types.js";
export type { Messages, SendOptions, SendResult, SendTextOptions } from "./api/messages.js";
export type { MessageRecord } from "./api/records.js";
export type { CallOptions, RawRequestOptions } from "./api/requester.js";
export type { User } from "./api/users.js";
export { Callback } from "./callback/callback.js";
export { checkReply, fitsPassively } from "./callback/check-reply.js";
export type { Fields, FieldValue } from "./callback/fields.js";
export type { ReplyClient } from "./callback/late.js";
export type { SubscriptionNotice } from "./callback/message-table.js";
export type { EventOf, IncomingMessage, MessageOf, UnknownEvent, UnknownMessage } from "./callback/messages.js";
export type { CallbackOptions, MessageHandler } from "./callback/options.js";
export type { RefusalReason, RefusedRequest } from "./callback/refusals.js";
export { REFUSALS } from "./callback/refusals.js";
export type { Reply, TransferToAgents, VideoReply } from "./callback/replies.js";
export { WeChatClient } from "./client.js";
export type { Delivery, PartResult } from "./delivery.js";
export { clientOptionsFromEnv } from "./env.js";
export type { Bilingual, ErrorEntry, ErrorKind, RetryAdvice } from "./error-catalog.js";
export { explainError } from "./error-catalog.js";
export type { ErrorCode, InputProblem, TransportFailure } from "./errors.js";
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
export type { Arrival, PushedMessage, Receiver } from "./inbox/arrival.js";
export type {
  Conversation,
  ConversationPage,
  ConversationsOptions,
  InboxMessage,
  InboxStats,
  IncomingMessage as ReceivedMessage,
  IncomingOptions,
  IncomingPage,
  MessagePage,
  OutgoingMessage,
  PageOptions,
  ReadOptions,
  WaitOptions,
} from "./inbox/conversations.js";
export { Inbox } from "./inbox/inbox.js";
export type { InboxOptions } from "./inbox/inbox-options.js";
export type { Coverage, Listener } from "./inbox/listening.js";
export { MemoryStore, type MemoryStoreOptions } from "./inbox/memory.js";
export { inboxFromEnv, openInbox } from "./inbox/open.js";
export type { ReplyGrant, ReplyRule, ReplyWindow } from "./inbox/reply-window.js";
export { REPLY_GRANTS, type Scene } from "./inbox/scenes.js";
export type { Sent, SentLog, SentMessage } from "./inbox/sent.js";
export type {
  FactsUpdate,
  InboxStore,
  StoredConversation,
  StoredMessage,
  StoredPage,
  StoredPush,
  StoredReply,
} from "./inbox/store.js";
export type { WeChatClientOptions } from "./options.js";
export { redact } from "./redact.js";
export type { RetryPolicy } from "./retry.js";
export { BUSY_RETRY, RAPID_RETRY, READ_RETRY, TOKEN_RETRY } from "./retry.js";
export { interpretEscapes } from "./text/escapes.js";
export { markdownToText } from "./text/markdown.js";
export type { SplitOptions } from "./text/split.js";
export { splitText } from "./text/split.js";
export type { TokenFunction, TokenGrant, TokenRequest } from "./token/sources.js";
export type { JsonAnswer } from "./transport/answer.js";
