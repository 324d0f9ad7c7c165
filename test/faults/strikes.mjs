// What can befall a part of a text, and what its sender can know of it then. A truth about HTTP and WeChat, not about core.
import { WIRE_EFFECTS } from "./mix.mjs";

/**
 * - `lost`: no answer that tells, and the message did not arrive
 * - `hidden`: no answer that tells, and the message may have arrived
 * - `refused`: it surely did not arrive, and the sender can know it
 * - `harmless`: the answer comes, if late
 */
const EFFECTS = {
  ...WIRE_EFFECTS,
  // The simulator's; each is `hidden` where the message arrived.
  busy: "lost",
  "busy-delivered": "lost",
  "reset-before": "lost",
  "reset-after": "lost",
  stall: "lost",
  "http-502": "lost",
  "html-200": "lost",
  "truncated-json": "lost",
  "token-expired": "refused",
  "token-superseded": "refused",
  errcode: "refused",
  slow: "harmless",
  /** The connection on which the request was written broke: in use, at once, or idle a moment before. */
  "connection broken": "hidden",
  /** Nobody listens, the name is not known, or TLS was not agreed on: the request was not written. */
  "no connection": "refused",
  /** The send took as long as one attempt may. Whether an attempt had its answer in the end cannot be told. */
  "out of time": "hidden",
  /** Its caller stopped it, or gave it a few milliseconds only. */
  "caller's limit": "hidden",
  /** The first part that did not arrive: nothing of it left, and not long before or meanwhile a call for a token failed. */
  "token trouble": "refused",
};
const ARRIVED = ", arrived";

/** WeChat's -1 to a message that arrived: what a sender repeats unasked. */
export const BUSY_ARRIVED = `busy-delivered${ARRIVED}`;

/**
 * Of one call in the simulator's ledger.
 * @param fault that struck it, if one did
 * @param errcode with which it was answered; without a fault, or with one that lets the answer through, WeChat's own
 *   refusal: of a token that was taken away, for instance
 * @param arrived whether its message arrived
 * @returns the kinds of its strikes
 */
export function simulatorStrikes(fault, errcode, arrived) {
  const refused = errcode === 0 ? [] : [`refused ${errcode}`];
  if (fault === undefined) return refused;
  return [arrived ? fault + ARRIVED : fault, ...(EFFECTS[fault] === "harmless" ? refused : [])];
}

/** @throws Error for a kind of which this table knows nothing */
export function effectOf(kind) {
  if (/^refused -?\d+$/.test(kind)) return "refused";
  const arrived = kind.endsWith(ARRIVED);
  const effect = EFFECTS[arrived ? kind.slice(0, -ARRIVED.length) : kind];
  if (effect === undefined) throw new Error(`strikes.mjs does not know "${kind}"`);
  return arrived && effect === "lost" ? "hidden" : effect;
}

/** Milliseconds by which a timer may end early: it counts from when its turn of the event loop began. */
const EARLY = 100;
/** Milliseconds for which a sender may tell of a token that it could not get, instead of asking again. */
const TOKEN_TROUBLE_LASTS = 5_000;

/**
 * @param claim what the sender and its witness say of the send; undefined if it was killed
 * @param struck kinds by id * 10 + part, at the simulator and on the wire
 * @param timeout milliseconds of the sender for one attempt
 * @param tokenTrouble the moments at which calls for a token were made that failed, on the clock of now.mjs
 * @returns a list of kinds for each part
 */
export function strikesOn(send, claim, { struck, timeout, tokenTrouble }) {
  const onTheWay = (part) => struck.get(send.id * 10 + part) ?? [];
  if (claim === undefined) return send.parts.map((_, part) => onTheWay(part));
  const { began, took, ownLimit, parts, notes } = claim;
  const timedOut = Array.from({ length: Math.floor(took / (timeout - EARLY)) }, () => "out of time");
  const whole = ownLimit ? [...timedOut, "caller's limit"] : timedOut;
  const since = began - timeout - TOKEN_TROUBLE_LASTS;
  const noToken = tokenTrouble.some((at) => at >= since && at <= began + took);
  const stopped = parts.findIndex((state) => state !== "delivered");
  return send.parts.map((_, part) => {
    const { written, struck: seen } = notes[part];
    const waited = noToken && part === stopped && written === 0;
    return [...onTheWay(part), ...seen, ...whole, ...(waited ? ["token trouble"] : [])];
  });
}
