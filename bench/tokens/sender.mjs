// One client in a process of its own: `sender.mjs NAME BASE-URL FOLDER`. It sends as told by its parent, and says which
// messages the client called sent.
import { makersOf } from "../send/clients.mjs";

const [name, baseUrl, folder] = process.argv.slice(2);
// What the client gives as its result is not looked at: whoever calls it takes a promise that is kept for success.
const send = await makersOf(baseUrl, folder, () => {})[name]();

/** The current tokens are refused with 40001 from now on, of both kinds: each client has its own. */
async function killTokens() {
  for (const kind of ["stable", "classic"]) {
    const body = JSON.stringify({ action: "kill", kind });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${baseUrl}/simulator/tokens`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`the simulator kept its token: ${answer.status} ${await answer.text()}`);
  }
}

/** @param order `first` number, `count`, `width` in flight, `killAt`: the number before which the token dies */
async function run({ first, count, width, killAt }) {
  const claimed = [];
  let n = first;
  const worker = async () => {
    while (n < first + count) {
      const number = n++;
      if (number === killAt) await killTokens();
      await send(number).then(
        () => claimed.push(number),
        () => {},
      );
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return claimed;
}

process.on("message", async (order) => process.send(await run(order)));
process.on("disconnect", () => process.exit());
process.send("ready");
