// A process that sends: forked by run.mjs, which may kill it at any moment. It reports what the client claims of each
// send, in the order in which it learns it.
import { createClient } from "./clients.mjs";
import { generator, sendOf } from "./plan.mjs";

/** Claims that go in one message to the judge. */
const TOGETHER = 32;

// The clock on the wall jumps; nothing that a send does may depend on it.
const wallClock = Date.now;
let jump = 0;
Date.now = () => wallClock() + jump;

process.on("message", async (batch) => {
  await sendBatch(batch);
  process.send({ done: batch.first });
});
process.on("disconnect", () => process.exit());

async function sendBatch({ first, count, width, mode, port, seed }) {
  const random = generator(seed);
  const clients = ["direct", "direct", "hosts", "names"].map((route) => createClient({ route, mode, port, random }));
  let claims = [];
  const report = () => {
    if (claims.length > 0) process.send({ claims });
    claims = [];
  };
  let next = first;
  const worker = async () => {
    while (next < first + count) {
      const id = next++;
      if (random() < 0.002) jump = (random() - 0.5) * 7 * 86_400_000;
      const send = sendOf(id);
      // Always the same client for a follower: the parts of a text are in order among the messages of one client.
      const client = clients[id % clients.length];
      const claim = await claimOf(client, send, mode);
      claims.push([id, ...claim]);
      if (claims.length >= TOGETHER) report();
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  report();
  await Promise.all(clients.map((client) => client.close()));
}

/** `[delivery, deliveries of the parts, code of the error]` */
async function claimOf(client, { id, openid, text }, mode) {
  try {
    const { delivery, parts } = await client.messages.sendText(openid, text, limitsOf(id, mode));
    return [delivery, parts.map((part) => part.delivery)];
  } catch (error) {
    const { delivery, parts, code, message } = error;
    return [delivery ?? `none: ${message}`, parts?.map((part) => part.delivery) ?? [], code];
  }
}

/** Some callers give up themselves, at any moment of a send. Who asked for at-least-once does not. */
function limitsOf(id, mode) {
  if (mode === "at-least-once") return {};
  if (id % 97 === 5) return { deadline: 1 + (id % 20) };
  if (id % 89 === 7) return { signal: AbortSignal.timeout(id % 10) };
  return {};
}
