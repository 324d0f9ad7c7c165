// The doors through which a run sends.

export const DOORS = {
  core: {
    module: "./core-door.mjs",
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
  mcp: { module: "./mcp-door.mjs", partBytes: 2048, modes: ["default"], inOrder: false, stalls: 0.1 },
  /** As above: the account's dialog does not have them. */
  "node-red": { module: "./node-red-door.mjs", partBytes: 2048, modes: ["default"], inOrder: true, stalls: 0.1 },
};

/**
 * @param values baseUrls: where "WeChat" is, `plain` and, where there is one, `tls`; baseUrl: which of them a door takes
 *   that has one only; folder: for files of this run
 * @returns `{ begin({ mode, random }), close() }`; begin gives `{ claimOf(send), end() }` for a batch, where claimOf never
 *   rejects and gives `[delivery, deliveries of the parts, code of the error]`
 */
export async function openDoor(name, values) {
  const { open } = await import(DOORS[name].module);
  return open(values);
}
