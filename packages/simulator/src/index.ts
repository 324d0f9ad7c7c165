export type { AccountOptions } from "./accounts.js";
export type { AgentOptions } from "./agents.js";
export { type Clock, createClock } from "./clock.js";
export { API_ENDPOINTS, type ApiEndpoint } from "./endpoints.js";
export { FAULT_KINDS, type FaultKind, type FaultOptions, PUSH_FAULT_KINDS, type PushFaultKind } from "./faults.js";
export type { FollowerOptions } from "./followers.js";
export type { Call, DeliveredMessage, Ledger, PhoneLine, Totals } from "./ledger.js";
export type { Limits } from "./limits.js";
export { MEDIA_TYPES, type MediaOptions, type MediaType } from "./media.js";
export { MENU_TYPES, type MenuButtonOptions, type MenuOptions, type MenuType } from "./menus.js";
export { MESSAGE_TYPES, type MessageType } from "./message-types.js";
export { SimulatorOptionError } from "./options.js";
export { ACTION_TYPES, type ActionType, type FollowerAction, MENU_BUTTONS, type MenuButton } from "./push/actions.js";
export {
  CALLBACK_FORMATS,
  CALLBACK_MODES,
  type CallbackFormat,
  type CallbackMode,
  type CallbackOptions,
  DEFAULT_CALLBACK_TOKEN,
} from "./push/callback.js";
export { type Push, type PushOutcome, type PushTry, SERVICE_FAILED } from "./push/record.js";
export { REPLY_TYPES, type ReplyType } from "./push/replies.js";
export { type QuotaRule, REPLY_GRANTS, SCENES, type Scene } from "./reply-window.js";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.js";
export type { TagOptions } from "./tags.js";
export type { TemplateOptions } from "./templates.js";
export type { DeadTokenCode, TokenKind } from "./tokens.js";
export { type Acted, DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER, type Interaction } from "./world.js";
