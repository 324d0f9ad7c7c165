import { checkMessage, checkReply, type Reply } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeMessage } from "node-red";
import { type Recipients, toContent, toRecipients } from "./input-values.js";
import { type FileToUpload, filesOf } from "./media-files.js";
import { notSentIfWrong } from "./not-sent.js";
import type { MessageOptions, SenderSettings, TemplateInputs } from "./send-settings.js";
import { type Template, templateOf } from "./template-message.js";
import { type ErrorName, inputError, type Translate } from "./texts.js";
import { describe, evaluate, kindOf, reasonOf, type TypedInput } from "./typed-input.js";
import { type WholeMessage, wholeMessage } from "./whole-message.js";

/** A message of any type. */
export interface MessageTask {
  readonly kind: "message";
  /** The media_id of a file that is not uploaded yet is a stand-in. */
  readonly message: Reply;
  readonly options: MessageOptions;
  /** To be uploaded first. */
  readonly files: readonly FileToUpload[];
}

/** What is sent. */
export type Task =
  | { readonly kind: "text"; readonly text: string; readonly options: MessageOptions }
  | MessageTask
  | { readonly kind: "template"; readonly template: Template }
  | { readonly kind: "typing"; readonly on: boolean };

/** A task that can be WeChat's answer to a push. */
export type ReplyTask = Extract<Task, { kind: "text" | "message" }>;

/** To whom, and what. */
export interface Order {
  readonly to: Addressees;
  readonly task: Task;
}

type Addressees = Exclude<Recipients, { readonly problem: unknown }>;
type Problem = ErrorName<"wechat-oa-send">;

/**
 * Reads from a message of the flow what a send node is to do. What a whole message (an object with a `type`) says
 * counts; what it does not say is the dialog's. Typing looks at the recipient alone.
 */
export class OrderReader {
  readonly #RED: NodeAPI;
  readonly #node: Node;
  readonly #settings: SenderSettings;
  readonly #translate: Translate;

  constructor(RED: NodeAPI, node: Node, settings: SenderSettings, translate: Translate) {
    this.#RED = RED;
    this.#node = node;
    this.#settings = settings;
    this.#translate = translate;
  }

  /**
   * @param aiGenerated what the account says of the AI label
   * @throws WeChatValidationError
   */
  async read(msg: NodeMessage, aiGenerated: boolean): Promise<Order> {
    const { action, content } = this.#settings;
    if (action === "typing-on" || action === "typing-off") {
      return { to: await this.#recipients(msg), task: { kind: "typing", on: action === "typing-on" } };
    }
    const value = await this.#value("content", content, msg);
    const whole = this.#whole(value);
    const options = { aiGenerated, ...this.#settings.options, ...whole?.options };
    if (whole?.openid === undefined) {
      // In this order: what is wrong with both is told of the recipient first.
      const to = await this.#recipients(msg);
      return { to, task: await this.#task(msg, value, whole, options) };
    }
    const to = this.#toRecipients(whole.openid, `${describe(content)}.openid`);
    return { to, task: await this.#task(msg, value, whole, options) };
  }

  /** An object that says itself what it is; the values of a template message may have any names, also `type`. */
  #whole(value: unknown): WholeMessage | undefined {
    const content = toContent(value);
    if (!("message" in content)) return undefined;
    if (this.#settings.action === "template" && content.message.type !== "template") return undefined;
    const whole = wholeMessage(content.message);
    if ("problem" in whole) throw this.#wrong(whole.problem, whole.field, { field: whole.field });
    return whole;
  }

  async #task(
    msg: NodeMessage,
    value: unknown,
    whole: WholeMessage | undefined,
    options: MessageOptions,
  ): Promise<Task> {
    const { action, content } = this.#settings;
    if (whole?.type === "typing") return this.#typing(whole);
    if (whole?.type === "template") return this.#template(msg, whole.fields);
    if (whole) return this.#message(whole, options);
    if (action === "template") return this.#template(msg, { data: value });
    const body = toContent(value);
    if ("problem" in body) throw this.#wrongValue(body.problem, "content", describe(content), value);
    if ("text" in body && action === "text") return { kind: "text", text: body.text, options };
    throw this.#wrongValue("messageObject", "content", describe(content), value);
  }

  #typing({ fields: { type: _, on = true, ...others } }: WholeMessage): Task {
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw this.#wrong("fieldUnknown", unknown, { field: unknown });
    if (typeof on !== "boolean") throw this.#wrong("optionNotFlag", "on", { field: "on" });
    return { kind: "typing", on };
  }

  #message({ fields }: WholeMessage, options: MessageOptions): Task {
    const found = filesOf(fields);
    if ("problem" in found) throw this.#wrong(found.problem, found.field, { field: found.field });
    const { files, whole } = found;
    // A passive reply may be what a customer-service message cannot be.
    const message = notSentIfWrong(() => (this.#settings.passive ? checkReply(whole) : checkMessage(whole)));
    if (message.type === "text") return { kind: "text", text: message.text, options };
    return { kind: "message", message, options, files };
  }

  async #template(msg: NodeMessage, given: Readonly<Record<string, unknown>>): Promise<Task> {
    const { action, template, content } = this.#settings;
    const dialog = action === "template" ? await this.#templateInputs(template, msg) : {};
    const own = Object.entries(given).filter(([, value]) => value !== undefined);
    const read = templateOf({ ...dialog, ...Object.fromEntries(own) });
    if (!("problem" in read)) return { kind: "template", template: read };
    const { problem, field } = read;
    const property = problem === "templateData" && !("type" in given) ? describe(content) : field;
    throw this.#wrong(problem, field, { field, property, kind: kindOf(given.data) });
  }

  async #templateInputs({ templateId, url, appId, pagePath }: TemplateInputs, msg: NodeMessage) {
    const [id, link, app, page] = await Promise.all([
      this.#value("templateId", templateId, msg),
      this.#value("url", url, msg),
      this.#value("miniProgram.appId", appId, msg),
      this.#value("miniProgram.pagePath", pagePath, msg),
    ]);
    return { templateId: id, url: link, miniProgram: { appId: app ?? "", pagePath: page ?? "" } };
  }

  async #recipients(msg: NodeMessage): Promise<Addressees> {
    const { recipient } = this.#settings;
    return this.#toRecipients(await this.#value("recipient", recipient, msg), describe(recipient));
  }

  #toRecipients(value: unknown, property: string): Addressees {
    const to = toRecipients(value);
    if ("problem" in to) throw this.#wrongValue(to.problem, "recipient", property, value);
    return to;
  }

  async #value(field: string, input: TypedInput, msg: NodeMessage): Promise<unknown> {
    try {
      return await evaluate(this.#RED, this.#node, input, msg);
    } catch (error) {
      throw this.#wrong("notReadable", field, { property: describe(input), reason: reasonOf(error) });
    }
  }

  #wrongValue(key: Problem, field: string, property: string, value: unknown) {
    return this.#wrong(key, field, { property, kind: kindOf(value) });
  }

  #wrong(key: Problem, field: string, parameters: Readonly<Record<string, string>>) {
    return inputError(this.#translate, "wechat-oa-send", key, field, parameters);
  }
}
