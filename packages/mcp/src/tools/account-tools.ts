import type { WeChatClient } from "@wechat-offiaccount/core";
import type { Account } from "../accounts.js";
import type { Audit } from "../safety/audit.js";
import { IdempotencyKeys } from "../safety/idempotency.js";
import type { Notes } from "../safety/notes.js";
import { RateLimiter } from "../safety/rate.js";
import { recipientPolicy } from "../safety/recipients.js";
import type { Settings } from "../settings.js";
import * as check from "./check-wechat-account.js";
import type { NameSource } from "./follower-names.js";
import * as list from "./list-wechat-conversations.js";
import { OPT_IN_TOOLS, type OptInTool } from "./opt-in.js";
import type { Guards } from "./outgoing.js";
import type { PictureSource } from "./pictures.js";
import * as read from "./read-wechat-conversation.js";
import { toolResult } from "./result.js";
import * as message from "./send-wechat-message.js";
import * as template from "./send-wechat-template.js";
import * as send from "./send-wechat-text.js";
import * as typing from "./set-wechat-typing.js";
import type { InboxReader, Tool } from "./tool.js";
import * as transfer from "./transfer-to-human.js";
import * as wait from "./wait-for-wechat-message.js";

/** An account as its tools need it. */
export interface ToolAccount extends Pick<Account, "name" | "recipients" | "templateRecipients"> {
  readonly client: Pick<WeChatClient, "diagnose"> &
    send.TextSender &
    message.MessageSender &
    template.TemplateSender &
    typing.TypingSetter &
    transfer.AgentTransfer &
    PictureSource &
    NameSource;
  /** Without it there are no tools that read it. */
  readonly inbox?: InboxReader | undefined;
  readonly notes: Notes;
  /** As `notes`, of this process alone. */
  readonly ownNotes: Notes;
  /** There if this process takes what WeChat pushes: what it refused last, unless it took the last one. */
  readonly lastRefusal?: check.CheckContext["lastRefusal"];
}

/** The tools of one account: the one place that says which there are. Read-only wins over all other settings. */
export function accountTools(account: ToolAccount, settings: Settings, audit?: Pick<Audit, "ready">): readonly Tool[] {
  const { client, inbox, lastRefusal } = account;
  const checking: Tool = {
    ...check,
    handle: (input, { signal }) => check.handle(input, { client, inbox, lastRefusal, signal }),
  };
  const reading = inbox ? readingTools(inbox, client, settings.readOnly) : [];
  const writing = settings.readOnly ? [] : writingTools(account, settings, audit);
  return [...reading, ...writing, checking];
}

function writingTools(
  account: ToolAccount,
  settings: Settings,
  audit: Pick<Audit, "ready"> | undefined,
): readonly Tool[] {
  const { client, inbox, notes, ownNotes: own } = account;
  const { aiLabel, optIn } = settings;
  const guards: Guards = {
    dryRun: settings.dryRun,
    confirm: settings.confirm,
    rate: new RateLimiter(settings.rate, { shared: notes, own }),
    keys: new IdempotencyKeys(notes, toolResult),
    audit,
    inbox,
    hasTemplates: optIn.has("send_wechat_template"),
  };
  const policy = recipientPolicy(account.recipients, "WECHAT_MCP_RECIPIENTS", inbox);
  const templatePolicy = recipientPolicy(account.templateRecipients, "WECHAT_MCP_TEMPLATE_RECIPIENTS");
  const texts: Tool = {
    ...send,
    handle: (input, call) => send.handle(input, { client, policy, guards, aiLabel }, call),
  };
  const added: Readonly<Record<OptInTool, Tool>> = {
    send_wechat_message: {
      ...message,
      handle: (input, call) => message.handle(input, { client, policy, guards, aiLabel }, call),
    },
    send_wechat_template: {
      ...template,
      handle: (input, call) => template.handle(input, { client, policy: templatePolicy, guards }, call),
    },
    set_wechat_typing: {
      ...typing,
      handle: (input, call) => typing.handle(input, { client, policy, guards }, call),
    },
    transfer_to_human: {
      ...transfer,
      handle: (input, call) => transfer.handle(input, { client, policy, guards }, call),
    },
  };
  // In the order of the list, whatever order the operator wrote.
  return [texts, ...OPT_IN_TOOLS.filter((name) => optIn.has(name)).map((name) => added[name])];
}

function readingTools(inbox: InboxReader, client: ToolAccount["client"], readOnly: boolean): readonly Tool[] {
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
