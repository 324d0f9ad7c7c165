import type { MessageOptions } from "./send-settings.js";

/** A message that says itself what it is: an object with a `type`. */
export interface WholeMessage {
  readonly type: string;
  /** To whom, where the message says so. */
  readonly openid: unknown;
  /** The options that it sets for itself. */
  readonly options: MessageOptions;
  /** All else, with the type: what is sent. */
  readonly fields: Readonly<Record<string, unknown>> & { readonly type: string };
}

/** An option of the wrong kind, and what it should be, by the key of the error's text. */
export interface WrongOption {
  readonly problem: "optionNotFlag" | "optionNotText";
  readonly field: string;
}

const FLAGS = ["split", "markdown", "interpretEscapes", "aiGenerated"] as const;
const TEXTS = ["customerServiceAccount"] as const;
const OWN: ReadonlySet<string> = new Set(["openid", ...FLAGS, ...TEXTS]);

/** Takes apart what belongs to the message and what says how and to whom it is sent. */
export function wholeMessage(message: { readonly type: string }): WholeMessage | WrongOption {
  const given = new Map<string, unknown>(Object.entries(message));
  const options: { -readonly [Name in keyof MessageOptions]: MessageOptions[Name] } = {};
  for (const field of FLAGS) {
    const value = given.get(field);
    if (value === undefined) continue;
    if (typeof value !== "boolean") return { problem: "optionNotFlag", field };
    options[field] = value;
  }
  for (const field of TEXTS) {
    const value = given.get(field);
    if (value === undefined) continue;
    if (typeof value !== "string") return { problem: "optionNotText", field };
    options[field] = value;
  }
  const { type } = message;
  const fields = { ...Object.fromEntries([...given].filter(([name]) => !OWN.has(name))), type };
  return { type, openid: given.get("openid"), options, fields };
}
