import { recipientPolicy } from "../safety/recipients.js";
import type { Settings } from "../settings.js";
import * as check from "./check-wechat-account.js";
import type { NameSource } from "./follower-names.js";
import * as list from "./list-wechat-conversations.js";
import type { PictureSource } from "./pictures.js";
import * as read from "./read-wechat-conversation.js";
import * as send from "./send-wechat-text.js";
import type { InboxReader, Tool } from "./tool.js";
import * as wait from "./wait-for-wechat-message.js";

/** What the tools work with. */
export interface Desk {
  readonly settings: Settings;
  readonly client: send.TextSender & check.CheckContext["client"] & PictureSource & NameSource;
  /** Without it there are no tools that read it. */
  readonly inbox?: InboxReader | undefined;
}

/** The tools of a server with these settings: the one place that says which there are. */
export function toolsOf(desk: Desk): readonly Tool[] {
  const { settings, client, inbox } = desk;
  const checking: Tool = { ...check, handle: (input, { signal }) => check.handle(input, { client, inbox, signal }) };
  const reading = inbox ? readingTools(inbox, client, settings.readOnly) : [];
  return settings.readOnly ? [...reading, checking] : [...reading, sendingTool(desk), checking];
}

function sendingTool({ settings, client, inbox }: Desk): Tool {
  const policy = recipientPolicy(settings.recipients, inbox);
  return { ...send, handle: (input, { signal }) => send.handle(input, { client, policy, settings, inbox, signal }) };
}

function readingTools(inbox: InboxReader, client: Desk["client"], readOnly: boolean): readonly Tool[] {
  return [
    { ...list, handle: (input) => list.handle(input, { inbox, client }) },
    {
      ...read,
      annotations: read.annotationsFor(readOnly),
      inputSchema: read.inputSchemaFor(readOnly),
      outputSchema: undefined,
      handle: (input, { signal }) => read.handle(input, { inbox, client, readOnly, signal }),
    },
    { ...wait, outputSchema: undefined, handle: (input, call) => wait.handle(input, { inbox, client, ...call }) },
  ];
}
