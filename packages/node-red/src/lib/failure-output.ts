import type { Node, NodeMessage } from "node-red";
import type { Failure } from "./failure.js";

/** So often in a row one message may fail at one node: then it runs in a circle, and Node-RED itself stops it. */
const CIRCLES = 10;

/**
 * A failed message for the second output: with `msg.error` as a Catch node would give it (Flow.handleError of
 * Node-RED), but for the stack.
 * @returns undefined where a Catch node has to have it: nothing is wired to the output, or the message runs in a circle
 */
export function failedMessage(msg: NodeMessage, { error }: Failure, node: Node): NodeMessage | undefined {
  const before: unknown = Reflect.get(msg, "error");
  const count = failuresAt(before, node.id) + 1;
  if (count >= CIRCLES || !isWired(node, 1)) return undefined;
  const { id, type, name } = node;
  const { message, code, cause } = error;
  return Object.assign(msg, {
    ...(before !== undefined && { _error: before }),
    error: { message: `${error.name}: ${message}`, source: { id, type, name, count }, code, cause },
  });
}

/** Takes away the error of an earlier try at this node: the message has arrived. */
export function forgetFailure(msg: NodeMessage, node: Node): void {
  if (failuresAt(Reflect.get(msg, "error"), node.id) > 0) Reflect.deleteProperty(msg, "error");
}

/** How often in a row the message has failed at this node, as its `error` says. */
function failuresAt(error: unknown, id: string): number {
  if (typeof error !== "object" || error === null || !("source" in error)) return 0;
  const { source } = error;
  if (typeof source !== "object" || source === null || !("id" in source) || source.id !== id) return 0;
  return "count" in source && typeof source.count === "number" ? source.count : 1;
}

/** Whether anything is wired to an output; wires may change without the node being restarted. */
function isWired(node: Node, output: number): boolean {
  const wires: unknown = Reflect.get(node, "wires");
  const targets: unknown = Array.isArray(wires) ? wires[output] : undefined;
  return Array.isArray(targets) && targets.length > 0;
}
