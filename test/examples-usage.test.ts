import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { simulated } from "./support/desk.js";

const program = fileURLToPath(new URL("../examples/usage/main.mjs", import.meta.url));
const SEND = "/cgi-bin/message/custom/send";

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (baseUrl: string, ...texts: string[]): Promise<Run> =>
  promisify(execFile)(process.execPath, [program, DEFAULT_FOLLOWER, ...texts], {
    env: { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_APP_SECRET: DEFAULT_APP_SECRET, WECHAT_API_BASE_URL: baseUrl },
  }).then(
    (output) => ({ ...output, code: 0 }),
    (error) => error,
  );

it("the usage example counts calls, errcodes and durations by endpoint, and is silent while no limit is near", async () => {
  const simulator = await simulated();
  const { code, stdout, stderr } = await run(simulator.url, "1", "2", "3");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const [first = "", second = "", third = ""] = stdout.split("\n");
  expect(first).toMatch(
    /^POST \/cgi-bin\/message\/custom\/send {2}3 calls \(0: 3\) {2}[\d.]+ ms on average, [\d.]+ ms at most$/,
  );
  expect(second).toMatch(/^POST \/cgi-bin\/openapi\/quota\/get {2}2 calls \(0: 2\)/);
  expect(third).toMatch(/^POST \/cgi-bin\/stable_token {2}1 call \(0: 1\)/);
  expect(simulator.ledger.messages).toHaveLength(3);
});

it.each([
  [45009, /: 45009 /],
  [45011, /: 45011 /],
])("the usage example says what %i means, and counts it", async (errcode, words) => {
  const simulator = await simulated();
  simulator.inject({ kind: "errcode", errcode });
  const { code, stdout, stderr } = await run(simulator.url, "1");
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
  expect(stderr).toMatch(/\p{Script=Han}/u);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stdout).toContain(`POST ${SEND}  1 call (${errcode}: 1)`);
});

it("the usage example says that a follower's replies are used up (45047)", async () => {
  const simulator = await simulated();
  const { code, stdout, stderr } = await run(simulator.url, "1", "2", "3", "4", "5", "6");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^POST \/cgi-bin\/message\/custom\/send: 45047 /);
  expect(stdout).toContain(`POST ${SEND}  6 calls (0: 5, 45047: 1)`);
});

it("the usage example warns before the day's calls are used up", async () => {
  const simulator = await simulated({ limits: { customSendsPerDay: 3 } });
  const { code, stderr } = await run(simulator.url, "1", "2", "3");
  expect(code).toBe(0);
  expect(stderr).toContain(`${SEND}: 0 of 3 calls are left today.`);
});
