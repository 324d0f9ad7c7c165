// What the sends of a run are. Follows from the number of a send alone, so that the sender and the judge, which are two
// processes, need not tell each other.

const FOLLOWERS = 240;
/** UTF-8 bytes of the last part, which need not be full. */
const LAST_BYTES = 32;

/** mulberry32: numbers in [0, 1), the same for the same seed. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const FOLLOWER_IDS = Array.from({ length: FOLLOWERS }, (_, n) => `oFaults${String(n).padStart(21, "0")}`);

/** Whose message a text is: the number of the send and the index of its part. */
const MARK = /s(\d{10})p(\d)/;

/** @returns `{ id, part }`, or undefined for a text that no send has */
export function readMark(text) {
  const found = MARK.exec(text);
  return found ? { id: Number(found[1]), part: Number(found[2]) } : undefined;
}

/** One in three texts is long. */
export function partCountOf(id) {
  return id % 3 === 0 ? 2 + (Math.floor(id / 3) % 3) : 1;
}

/**
 * A text is one word without a place to cut at, so that its parts are known beforehand.
 * @param partBytes where the sender cuts
 */
export function sendOf(id, partBytes) {
  const count = partCountOf(id);
  const parts = Array.from({ length: count }, (_, part) =>
    `s${String(id).padStart(10, "0")}p${part}`.padEnd(part === count - 1 ? LAST_BYTES : partBytes, "x"),
  );
  return { id, openid: FOLLOWER_IDS[id % FOLLOWERS], parts, text: parts.join("") };
}
