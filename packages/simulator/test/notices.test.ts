import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { type Answer, desk } from "./receiver.js";
import { account, SECOND, start } from "./support.js";

const ID = DEFAULT_FOLLOWER;
const hello = { type: "text", text: "x" } as const;

/** A desk, and the lines that whoever runs the simulator gets. */
async function watched(more = {}) {
  const lines: string[] = [];
  return { lines, ...(await desk(more, { notice: (line) => lines.push(line) })) };
}

const status = (code: number) => ({ status: code, body: "" });
it.each<[Answer, RegExp]>([
  [status(302), /failed: HTTP 302\. .*redirects.*重定向/],
  [status(401), /failed: HTTP 401\. .*callback token.*Token/],
  [status(404), /failed: HTTP 404\. .*path.*路径/],
  [status(500), /failed: HTTP 500\. .*log.*日志/],
  ["reset", /failed: ECONNRESET\. Answer success.*success/],
  ["ok", /failed: the answer is neither success, nor empty, nor XML\. Answer success/],
])("one line says that a push was answered with %o, and what to do", async (answer, line) => {
  const { sim, receiver, lines } = await watched();
  receiver.answer = () => answer;
  sim.act(ID, hello);
  await sim.pushed();
  expect(lines).toEqual([expect.stringMatching(line)]);
  expect(lines[0]).toMatch(/^push 1 \(text\) to http:\/\/127\.0\.0\.1:\d+\/wechat failed/);
});

it("one line says that no answer came in three tries", async () => {
  const { sim, receiver, lines } = await watched();
  receiver.answer = () => "hang";
  sim.act(ID, { type: "menu" });
  for (const tries of [1, 2, 3]) {
    await receiver.arrived(tries);
    sim.clock.advance(5 * SECOND);
  }
  await sim.pushed();
  expect(lines).toEqual([expect.stringMatching(/^push 1 \(CLICK\) to .* failed: timeout\. Answer success/)]);
});

it.each([
  ["http://127.0.0.1:1/", /failed: ECONNREFUSED\. Start the server/],
  ["http://nowhere.invalid/", /failed: (?:ENOTFOUND|EAI_AGAIN)\. Correct the host name/],
])("one line says that %s cannot be reached", async (callback, line) => {
  const { sim, lines } = await watched({ callback });
  sim.act(ID, hello);
  await sim.pushed();
  expect(lines).toEqual([expect.stringMatching(line)]);
});

it("nothing is said of a push that was taken, or that a fault has spoilt", async () => {
  const { sim, receiver, lines } = await watched();
  receiver.answer = (_request, index) => (index === 0 ? "success" : status(401));
  sim.act(ID, hello);
  await sim.pushed();
  for (const kind of ["push-signature", "push-drop"] as const) {
    sim.inject({ kind });
    sim.act(ID, hello);
    await sim.pushed();
  }
  expect(lines).toEqual([]);
});

it("that an account has no callback is said once of each", async () => {
  const lines: string[] = [];
  const { sim } = await start({
    accounts: [account(), account({ appId: "wx2" })],
    notice: (line) => lines.push(line),
  });
  for (const appId of [DEFAULT_APP_ID, "wx2", "wx2", DEFAULT_APP_ID]) sim.act(ID, hello, appId);
  expect(lines.map((line) => line.slice(0, line.indexOf(":")))).toEqual([
    `nothing is pushed for ${DEFAULT_APP_ID}`,
    "nothing is pushed for wx2",
  ]);
});
