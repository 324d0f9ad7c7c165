import { checkMessage, checkReply, type Reply } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeMessage } from "node-red";
import { type Recipients, toContent, toRecipients } from "./input-values.js";
import { type FileToUpload, filesOf } from "./media-files.js";
import { notSentIfWrong } from "./not-sent.js";
import type { MessageOptions, SenderSettings } from "./send-settings.js";
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
    // All at once, as they are when the message comes: until a slow expression has its value, the flow's context may be
    // that of the next message. What a whole message says itself is then not asked for, also where it cannot be read.
    const reading = this.#value("content", content, msg);
    const recipients = lazily(this.#recipients(msg));
    const template = lazily(action === "template" ? this.#templateInputs(msg) : Promise.resolve({}));
    const value = await reading;
    const whole = this.#whole(value);
    const options = { aiGenerated, ...this.#settings.options, ...whole?.options };
    const to =
      whole?.openid === undefined ? await recipients : this.#toRecipients(whole.openid, `${describe(content)}.openid`);
    return { to, task: await this.#task(value, whole, options, template) };
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
    value: unknown,
    whole: WholeMessage | undefined,
    options: MessageOptions,
    template: Promise<object>,
  ): Promise<Task> {
    const { action, content } = this.#settings;
    if (whole?.type === "typing") return this.#typing(whole);
    if (whole?.type === "template") return this.#template(whole.fields, await template);
    if (whole) return this.#message(whole, options);
    if (action === "template") return this.#template({ data: value }, await template);
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

  #template(given: Readonly<Record<string, unknown>>, dialog: object): Task {
    const { content } = this.#settings;
    const own = Object.entries(given).filter(([, value]) => value !== undefined);
    const read = templateOf({ ...dialog, ...Object.fromEntries(own) });
    if (!("problem" in read)) return { kind: "template", template: read };
    const { problem, field } = read;
    const property = problem === "templateData" && !("type" in given) ? describe(content) : field;
    throw this.#wrong(problem, field, { field, property, kind: kindOf(given.data) });
  }

  async #templateInputs(msg: NodeMessage) {
    const { templateId, url, appId, pagePath } = this.#settings.template;
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

/** A value that may not be asked for: then it is nobody's that it could not be read. */
function lazily<T>(value: Promise<T>): Promise<T> {
  value.catch(() => {});
  return value;
}
