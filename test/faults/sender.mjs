// A process that sends through a door: forked by sending-process.mjs, and killed at any moment. It reports what the door
// claims of each send, in the order in which it learns it. argv: the door, and what openDoor wants as JSON.
import { DOORS, openDoor } from "./doors.mjs";
import { now } from "./now.mjs";
import { generator, sendOf } from "./plan.mjs";

/** Claims that go in one message to the judge. */
const TOGETHER = 32;

const [, , name, values] = process.argv;
const { partBytes } = DOORS[name];
const opening = openDoor(name, JSON.parse(values));

/** Nobody listens any more where a run was broken off. */
const tell = (message) => process.connected && process.send(message);

process.on("message", async (batch) => {
  await sendBatch(await opening, batch);
  tell({ done: batch.first });
});
process.on("disconnect", async () => {
  await (await opening).close();
  process.exit();
});

async function sendBatch(door, { first, count, width, mode, seed }) {
  const { claimOf, takeNotes, end } = door.begin({ mode, random: generator(seed) });
  let claims = [];
  const report = () => {
    if (claims.length > 0) tell({ claims });
    claims = [];
  };
  let next = first;
  const worker = async () => {
    while (next < first + count) {
      const id = next++;
      const began = now();
      const claim = await claimOf(sendOf(id, partBytes));
      const took = now() - began;
      const seen = await takeNotes(id);
      claims.push({ id, began, took, ...claim, ...seen });
      if (claims.length >= TOGETHER) report();
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  report();
  await end();
}
