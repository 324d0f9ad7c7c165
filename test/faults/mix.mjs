// Which faults strike, and how often: probabilities for each request. About a quarter of all requests is struck.
import { CUSTOM_SEND, STABLE_TOKEN } from "./paths.mjs";

/** Milliseconds for one attempt of a sender that can be told. */
export const TIMEOUT = 600;
/** Milliseconds without a claim after which a batch is held to hang. */
export const HANGS = 120_000;

/** At the simulator: WeChat itself, and what stands in front of it. */
const SEND_FAULTS = [
  { kind: "busy", rate: 0.015 },
  { kind: "busy-delivered", rate: 0.01 },
  { kind: "token-expired", rate: 0.003 },
  { kind: "token-superseded", rate: 0.003 },
  { kind: "errcode", errcode: 45047, rate: 0.005 },
  { kind: "reset-before", rate: 0.01 },
  { kind: "reset-after", rate: 0.01 },
  { kind: "stall", rate: 0.001 },
  { kind: "stall", delivered: true, rate: 0.001 },
  { kind: "http-502", rate: 0.01 },
  { kind: "http-502", delivered: true, rate: 0.01 },
  { kind: "html-200", rate: 0.01 },
  { kind: "html-200", delivered: true, rate: 0.01 },
  { kind: "truncated-json", rate: 0.01 },
  { kind: "truncated-json", delivered: true, rate: 0.01 },
  { kind: "slow", delayMs: 20, rate: 0.005 },
  { kind: "slow", delayMs: 2 * TIMEOUT, rate: 0.001 },
].map((fault) => ({ ...fault, path: CUSTOM_SEND }));

const TOKEN_FAULTS = [
  { kind: "busy", rate: 0.05 },
  { kind: "reset-before", rate: 0.03 },
  { kind: "reset-after", rate: 0.03 },
  { kind: "http-502", rate: 0.03 },
  { kind: "html-200", rate: 0.03 },
  { kind: "truncated-json", delivered: true, rate: 0.03 },
  { kind: "stall", rate: 0.005 },
  { kind: "slow", delayMs: 20, rate: 0.05 },
].map((fault) => ({ ...fault, path: STABLE_TOKEN }));

/** On the wire, for each request; what each does is in wire.mjs, and what the effects mean in strikes.mjs. */
const WIRE_FAULTS = {
  "reset before": { rate: 0.01, effect: "lost" },
  "half a request": { rate: 0.01, effect: "lost" },
  // Who cannot wait for it runs out of time, which is another strike.
  "late request": { rate: 0.002, effect: "harmless" },
  "reset after": { rate: 0.01, effect: "hidden" },
  "half an answer, reset": { rate: 0.01, effect: "hidden" },
  "half an answer, closed": { rate: 0.01, effect: "hidden" },
  "half an answer, stalled": { rate: 0.001, effect: "hidden" },
  "answer swallowed": { rate: 0.001, effect: "hidden" },
  "504 in its place": { rate: 0.01, effect: "hidden" },
  "trickled answer": { rate: 0.01, effect: "harmless" },
  "answer, then closed": { rate: 0.02, effect: "harmless" },
  // A reset may take with it what was not read yet; undici tells if it did.
  "answer, then reset": { rate: 0.01, effect: "harmless" },
};

export const WIRE_EFFECTS = Object.fromEntries(Object.entries(WIRE_FAULTS).map(([kind, { effect }]) => [kind, effect]));

/** A new connection is reset before anything is read from it. */
export const RESET_AT_ONCE = 0.02;

const STALLS = ["stall", "half an answer, stalled", "answer swallowed"];

/** @param stalls how often what ends only by the sender's time limit strikes, beside the rates above */
export function simulatorFaults(stalls) {
  return [...SEND_FAULTS, ...TOKEN_FAULTS].map((fault) =>
    STALLS.includes(fault.kind) ? { ...fault, rate: fault.rate * stalls } : fault,
  );
}

/** The same on the wire, as pairs of kind and rate. */
export function wireFaults(stalls) {
  return Object.entries(WIRE_FAULTS).map(([kind, { rate }]) => [kind, STALLS.includes(kind) ? rate * stalls : rate]);
}
