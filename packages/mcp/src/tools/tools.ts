import { recipientPolicy } from "../safety/recipients.js";
import type { Settings } from "../settings.js";
import * as list from "./list-wechat-conversations.js";
import * as read from "./read-wechat-conversation.js";
import * as send from "./send-wechat-text.js";
import type { InboxReader, Tool } from "./tool.js";
import * as wait from "./wait-for-wechat-message.js";

/** What the tools work with. */
export interface Desk {
  readonly settings: Settings;
  readonly client: send.TextSender;
  /** Without it there are no tools that read it. */
  readonly inbox?: InboxReader | undefined;
}

/** The tools of a server with these settings: the one place that says which there are. */
export function toolsOf({ settings, client, inbox }: Desk): readonly Tool[] {
  const policy = recipientPolicy(settings.recipients, inbox);
  const sending: Tool = {
    ...send,
    handle: (input, { signal }) => send.handle(input, { client, policy, settings, inbox, signal }),
  };
  return inbox ? [...readingTools(inbox), sending] : [sending];
}

function readingTools(inbox: InboxReader): readonly Tool[] {
  const readOnly = false;
  return [
    { ...list, handle: (input) => list.handle(input, { inbox }) },
    {
      ...read,
      annotations: read.annotationsFor(readOnly),
      inputSchema: read.inputSchemaFor(readOnly),
      handle: (input) => read.handle(input, { inbox, readOnly }),
    },
    { ...wait, handle: (input, call) => wait.handle(input, { inbox, ...call }) },
  ];
}
