import type { Node, NodeAPI, NodeMessage } from "node-red";

/** A property of the editor's typedInput: where a value comes from. */
export interface TypedInput {
  readonly type: string;
  readonly value: string;
}

/**
 * Reads the value for one message. Context stores and JSONata answer later, so this is a promise.
 * @returns undefined also for a property of something that is not there, such as `msg.wechat.older` without `msg.wechat`
 */
export function evaluate(RED: NodeAPI, node: Node, input: TypedInput, msg: NodeMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    RED.util.evaluateNodeProperty(input.value, input.type, node, msg, (error, value: unknown) => {
      // What the runtime itself finds wrong with an expression is no TypeError.
      if (error instanceof TypeError && input.type === "msg") resolve(undefined);
      else if (error) reject(error);
      else resolve(value);
    });
  });
}

const MAX_SHOWN = 60;

/** The input as a flow author knows it, the same in every language: `msg.payload`, `flow.customer`, `${NAME}` … */
export function describe({ type, value }: TypedInput): string {
  // "#:(store)::key" is how the editor writes a key in a context store that is not the default one.
  const key = value.replace(/^#:\((.*?)\)::/, "");
  const shown = key.length > MAX_SHOWN ? `${key.slice(0, MAX_SHOWN)}…` : key;
  switch (type) {
    case "msg":
    case "flow":
    case "global":
      return `${type}.${shown}`;
    case "env":
      return /^\$\{.*\}$/.test(shown) ? shown : `\${${shown}}`;
    case "jsonata":
      return `JSONata "${shown}"`;
    default:
      return `"${shown}"`;
  }
}

/** What a value is, for an error: its type, or what it prints as where that says more. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return '""';
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return Array.isArray(value) ? "array" : typeof value;
}

/** Why a value could not be read. JSONata throws plain objects with a message. */
export function reasonOf(error: unknown): string {
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : error;
  return String(message);
}
