import type { SendTextOptions } from "@wechat-offiaccount/core";
import type { NodeDef } from "node-red";
import type { TypedInput } from "./typed-input.js";

/** What a send node does with what is not a whole message. */
export type Action = "text" | "message" | "template" | "typing-on" | "typing-off";

/** The options of a message, which the dialog sets and a whole message may set for itself. */
export type MessageOptions = Pick<
  SendTextOptions,
  "split" | "markdown" | "interpretEscapes" | "aiGenerated" | "customerServiceAccount"
>;

/** What the dialog of a send node holds. */
export interface SenderSettings {
  readonly action: Action;
  readonly recipient: TypedInput;
  /** The text, the message, or the values of a template message. Typing has none. */
  readonly content: TypedInput;
  readonly template: TemplateInputs;
  /** Without `aiGenerated` the account decides. */
  readonly options: MessageOptions;
  /** The folder that files of messages may be read from; empty: none are. */
  readonly mediaFolder: string;
  /** Answers in WeChat's request while it waits; what cannot go there is sent as a customer-service message. */
  readonly passive: boolean;
}

/** Where the parts of a template message come from, beside its values. */
export interface TemplateInputs {
  readonly templateId: TypedInput;
  readonly url: TypedInput;
  readonly appId: TypedInput;
  readonly pagePath: TypedInput;
}

/** The send node as a flow holds it. */
export interface SendDef extends NodeDef {
  account?: string;
  action?: string;
  recipient?: string;
  recipientType?: string;
  content?: string;
  contentType?: string;
  templateId?: string;
  templateIdType?: string;
  templateUrl?: string;
  templateUrlType?: string;
  miniProgramAppId?: string;
  miniProgramAppIdType?: string;
  miniProgramPage?: string;
  miniProgramPageType?: string;
  split?: boolean;
  markdown?: boolean;
  interpretEscapes?: boolean;
  /** `account`, `on` or `off`; flows of an older version hold true or false. */
  aiGenerated?: string | boolean;
  customerServiceAccount?: string;
  mediaFolder?: string;
  passive?: boolean;
  failureOutput?: boolean;
}

const ACTIONS: readonly Action[] = ["text", "message", "template", "typing-on", "typing-off"];

/** The dialog's values, with its defaults where a flow written by hand or by an older version lacks them. */
export function settingsOf(config: SendDef): SenderSettings {
  const customerServiceAccount = config.customerServiceAccount?.trim();
  const aiGenerated = labelOf(config.aiGenerated);
  return {
    action: ACTIONS.find((action) => action === config.action) ?? "text",
    recipient: { type: config.recipientType ?? "msg", value: config.recipient ?? "openid" },
    content: { type: config.contentType ?? "msg", value: config.content ?? "payload" },
    template: {
      templateId: { type: config.templateIdType ?? "str", value: config.templateId ?? "" },
      url: { type: config.templateUrlType ?? "str", value: config.templateUrl ?? "" },
      appId: { type: config.miniProgramAppIdType ?? "str", value: config.miniProgramAppId ?? "" },
      pagePath: { type: config.miniProgramPageType ?? "str", value: config.miniProgramPage ?? "" },
    },
    mediaFolder: config.mediaFolder?.trim() ?? "",
    passive: config.passive ?? false,
    options: {
      split: config.split ?? true,
      markdown: config.markdown ?? false,
      interpretEscapes: config.interpretEscapes ?? false,
      ...(aiGenerated !== undefined && { aiGenerated }),
      ...(customerServiceAccount && { customerServiceAccount }),
    },
  };
}

/** The AI label; undefined: as the account says. A box that older dialogs left empty was no decision. */
function labelOf(value: string | boolean | undefined): boolean | undefined {
  if (value === "on" || value === true) return true;
  return value === "off" ? false : undefined;
}
