export {
  type RecipientDecision,
  type RecipientPolicy,
  type RecipientRule,
  recipientPolicy,
} from "./safety/recipients.js";
export { createServer } from "./server.js";
export {
  type Configuration,
  readConfiguration,
  type Settings,
  SettingsError,
  type SettingsProblem,
} from "./settings.js";
export type { TextSender } from "./tools/send-wechat-text.js";
export type { InboxReader } from "./tools/tool.js";
export { type HttpConnection, type HttpOptions, serveOverHttp } from "./transports/http.js";
export { type AccessRefusal, HttpAccess } from "./transports/http-access.js";
export { type StdioConnection, type StdioOptions, serveOverStdio } from "./transports/stdio.js";
