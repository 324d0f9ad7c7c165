// Holds what a client claims against what arrived. It knows nothing of how core works: only what was sent, what was
// claimed, the ledger of the simulator, and what struck.
import { partCountOf, readMark, sendOf } from "./plan.mjs";
import { BUSY_ARRIVED, effectOf, strikesOn } from "./strikes.mjs";

const STATES = ["delivered", "not-delivered", "unknown"];
/** Effects of strikes that can keep a part from arriving, or its sender from knowing. */
const BAD = ["lost", "hidden", "refused"];
/** WeChat's "system busy", which says nothing of the message; every other errcode but 0 is a refusal. */
const BUSY = -1;

/**
 * @param partBytes where the sender cuts texts
 * @param inOrder whether what is sent to one follower arrives in the order in which the sends began
 * @param claims by id, as sender.mjs makes them; a send of a process that was killed may have none
 * @param messages of the ledger, in the order of their arrival
 * @param circumstances `struck`, `timeout` and `tokenTrouble`, see strikesOn
 * @returns for each send what became of it, and all that is wrong
 */
export function judge({ first, count, partBytes, inOrder, mode, killed, claims, messages, ...circumstances }) {
  const { arrived, faults } = arrivals(messages, { first, count, partBytes });
  const verdicts = [];
  for (let id = first; id < first + count; id++) {
    const send = sendOf(id, partBytes);
    const times = send.parts.map((_, part) => arrived.get(id * 10 + part) ?? 0);
    const claim = claims.get(id);
    const strikes = strikesOn(send, claim, circumstances);
    const wrong = claim === undefined ? (killed ? [] : ["no claim"]) : untruths(claim, times);
    if (claim !== undefined) wrong.push(...unfounded(claim, strikes));
    if (times.some((n, part) => n > 1 + repetitions(mode, claim, strikes[part]))) wrong.push("doubled");
    if (mode === "at-least-once" && claim !== undefined && isLost(claim, times)) wrong.push("lost");
    verdicts.push({
      id,
      outcome: claim?.delivery ?? "killed",
      doubled: times.some((n) => n > 1),
      strikes: [...new Set(strikes.flat())],
      wrong: wrong.map((words) => `send ${id}: ${words} (${inWords(claim)}; arrived ${times}; ${strikes.join(" | ")})`),
    });
  }
  const order = mode === "at-least-once" ? [] : outOfOrder(messages, claims);
  const late = inOrder ? overtaken(messages, claims) : [];
  return { verdicts, faults: [...faults, ...order, ...late] };
}

/** How often each part arrived, and what arrived that nobody sent. */
function arrivals(messages, { first, count, partBytes }) {
  const arrived = new Map();
  const faults = [];
  for (const { text, openid } of messages) {
    const mark = readMark(text);
    const send = mark && sendOf(mark.id, partBytes);
    const known = send && mark.id >= first && mark.id < first + count;
    if (!known || send.openid !== openid || send.parts[mark.part] !== text) {
      faults.push(`a message that nobody sent: ${openid} ${text.slice(0, 40)}`);
      continue;
    }
    const key = mark.id * 10 + mark.part;
    arrived.set(key, (arrived.get(key) ?? 0) + 1);
  }
  return { arrived, faults };
}

const inWords = ({ delivery, parts = [], code, errcode } = {}) => `claim ${delivery} ${parts} ${code} ${errcode}`;

/** How often what struck a part permits that it arrived again: each time because its arrival was hidden from the sender. */
function repetitions(mode, claim, strikes) {
  if (mode === "strict") return 0;
  if (mode === "default") return strikes.filter((kind) => kind === BUSY_ARRIVED).length;
  // What the witness in a killed process saw is gone with it.
  return claim === undefined ? Number.POSITIVE_INFINITY : strikes.filter((kind) => effectOf(kind) === "hidden").length;
}

/** The first part that did not arrive, for sure or perhaps, must have been struck in a way that explains it. */
function unfounded({ parts, notes }, strikes) {
  const part = parts.findIndex((state) => state !== "delivered");
  // More parts than there are is told by another rule.
  if (part < 0 || notes[part] === undefined) return [];
  const effects = strikes[part].map(effectOf);
  if (parts[part] === "not-delivered") {
    return effects.some((effect) => BAD.includes(effect)) ? [] : [`part ${part} not delivered, and nothing struck it`];
  }
  if (notes[part].written === 0) return [`part ${part} told as unknown, and nothing of it left`];
  const open = effects.some((effect) => effect === "lost" || effect === "hidden");
  return open ? [] : [`part ${part} told as unknown, and nothing left that open`];
}

/**
 * Who asks for at-least-once is owed every message of which WeChat has not said that it does not take it. What is told
 * as not delivered is not lost: nothing of it left, and the caller knows.
 */
function isLost({ parts, errcode = 0 }, times) {
  const refused = errcode !== 0 && errcode !== BUSY;
  return !refused && parts.some((state, part) => state === "unknown" && times[part] === 0);
}

/** What is not so in a claim. */
function untruths({ delivery, parts }, times) {
  const wrong = [];
  if (!STATES.includes(delivery)) return [`in no state: ${delivery}`];
  if (parts.length !== times.length) wrong.push(`${parts.length} parts claimed, of ${times.length}`);
  parts.forEach((state, part) => {
    if (!STATES.includes(state)) wrong.push(`part ${part} in no state: ${state}`);
    if (state === "delivered" && times[part] === 0) wrong.push(`part ${part} told as delivered, is not there`);
    if (state === "not-delivered" && times[part] > 0) wrong.push(`part ${part} told as not delivered, is there`);
  });
  const stopped = parts.findIndex((state) => state !== "delivered");
  const later = stopped < 0 ? [] : parts.slice(stopped + 1);
  if (later.some((state) => state !== "not-delivered"))
    wrong.push(`a part was sent after part ${stopped}, which did not arrive`);
  if (delivery === "delivered" && times.includes(0)) wrong.push("told as delivered, is not there as a whole");
  if (delivery === "not-delivered" && times.some((n) => n > 0)) wrong.push("told as not delivered, is there");
  const whole = parts.every((state) => state === parts[0]) ? parts[0] : "unknown";
  if (parts.length > 0 && whole !== delivery) wrong.push(`told as ${delivery}, its parts as ${parts}`);
  return wrong;
}

/**
 * The parts of a text arrive in order, and no message of the same client between them. A message that was given up may
 * arrive late, between others: it is let pass unless its client says that it knew of its arrival.
 */
function outOfOrder(messages, claims) {
  const wrong = [];
  const last = new Map();
  const open = new Map();
  for (const { text, openid } of messages) {
    const mark = readMark(text);
    if (!mark) continue;
    const { id, part } = mark;
    if (part < (last.get(id) ?? 0)) wrong.push(`send ${id}: part ${part} after part ${last.get(id)}`);
    last.set(id, Math.max(part, last.get(id) ?? 0));
    const amid = open.get(openid);
    if (amid !== undefined && amid !== id && claims.get(id)?.parts[part] === "delivered") {
      wrong.push(`send ${id}: between the parts of ${amid}`);
    }
    // A text whose next part is sure to follow: what is claimed of that part is that it arrived.
    const goesOn = part + 1 < partCountOf(id) && claims.get(id)?.parts[part + 1] === "delivered";
    if (goesOn) open.set(openid, id);
    else if (amid === id) open.delete(openid);
  }
  return wrong;
}

/** What was given up may arrive late; what is told as delivered was there before the next send to its follower began. */
function overtaken(messages, claims) {
  const wrong = [];
  const last = new Map();
  for (const { text, openid } of messages) {
    const mark = readMark(text);
    if (claims.get(mark?.id)?.parts[mark.part] !== "delivered") continue;
    const before = last.get(openid) ?? 0;
    if (mark.id < before) wrong.push(`send ${mark.id}: overtaken by ${before}`);
    last.set(openid, Math.max(mark.id, before));
  }
  return wrong;
}
