// The doors through which a run sends.

import { TIMEOUT } from "./mix.mjs";

/** Core's default, in milliseconds. */
const DEFAULT_TIMEOUT = 10_000;

export const DOORS = {
  core: {
    module: "./core-door.mjs",
    /** Milliseconds for one attempt. */
    timeout: TIMEOUT,
    /** UTF-8 bytes at which the door cuts a text. */
    partBytes: 32,
    /** How a caller of the door can ask for repetition. */
    modes: ["default", "strict", "at-least-once"],
    /** Whether it sends to one follower in the order in which it was asked. */
    inOrder: false,
    /** How often stalls strike, beside the mix: of core 1, because its time limit is set low. */
    stalls: 1,
  },
  /** Its time limits and its splitting are core's defaults: no variable of the server sets them. */
  mcp: {
    module: "./mcp-door.mjs",
    timeout: DEFAULT_TIMEOUT,
    partBytes: 2048,
    modes: ["default"],
    inOrder: false,
    stalls: 0.1,
  },
  /** As above: the account's dialog does not have them. */
  "node-red": {
    module: "./node-red-door.mjs",
    timeout: DEFAULT_TIMEOUT,
    partBytes: 2048,
    modes: ["default"],
    inOrder: true,
    stalls: 0.1,
  },
};

/**
 * @param values baseUrls: where "WeChat" is, `plain` and, where there is one, `tls`; baseUrl: which of them a door takes
 *   that has one only; folder: for files of this run
 * @returns `{ begin({ mode, random }), close() }`; begin gives `{ claimOf(send), takeNotes(id), end() }` for a batch. claimOf
 *   never rejects and gives `{ delivery, parts, code, errcode, ownLimit }`: deliveries of the parts, code and errcode of
 *   the error, and whether the caller stopped it or gave it a few milliseconds only. takeNotes gives what the witness saw of the send, see witness.mjs
 */
export async function openDoor(name, values) {
  const { open } = await import(DOORS[name].module);
  return open(values);
}
