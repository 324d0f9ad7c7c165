// One client in a process of its own, so that none measures the heap and the compiled code of another:
// `contender.mjs NAME BASE-URL FOLDER`. It sends as told by its parent and reports counts and CPU time.
import { bodyOf, makersOf, successful } from "./clients.mjs";

const [name, baseUrl, folder] = process.argv.slice(2);
const PATH = "/cgi-bin/message/custom/send?access_token=bench";
const HEADERS = { "content-type": "application/json" };
const CONNECTIONS = 256;

/** Each makes a function that sends message number `n` and fails unless the answer is a success. */
const CONTENDERS = {
  async "undici Pool.request"() {
    const pool = await undiciPool();
    return async (n) => {
      const request = { method: "POST", path: PATH, headers: HEADERS, body: JSON.stringify(bodyOf(n)) };
      const { body } = await pool.request(request);
      successful(await body.json());
    };
  },
  // The limit: nothing is checked or built, the same bytes go out each time; the answer is read as everywhere.
  "undici dispatch, constant body": () =>
    constantBody((resolve, reject) => {
      let answer = "";
      return {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData(_, chunk) {
          answer += chunk;
        },
        onResponseEnd() {
          resolve(answer);
        },
        onResponseError(_, error) {
          reject(error);
        },
      };
    }),
  // The same without undici's wrapper: the handlers that undici 7 calls at its core, undocumented since 7. Core has these.
  "undici dispatch, inner handlers": () =>
    constantBody((resolve, reject) => {
      let answer = "";
      return {
        onConnect() {},
        onHeaders: () => true,
        onData(chunk) {
          answer += chunk;
          return true;
        },
        onComplete() {
          resolve(answer);
        },
        onError: reject,
      };
    }),
  "fetch of Node": () => async (n) => {
    const request = { method: "POST", headers: HEADERS, body: JSON.stringify(bodyOf(n)) };
    successful(await (await fetch(baseUrl + PATH, request)).json());
  },
  ...makersOf(baseUrl, folder, successful),
};

/** @param handler makes undici's handler for one exchange, which resolves with the answer's text */
async function constantBody(handler) {
  const pool = await undiciPool();
  const body = Buffer.from(JSON.stringify(bodyOf(100_000)));
  const request = { method: "POST", path: PATH, headers: HEADERS, body };
  const exchange = () => new Promise((resolve, reject) => pool.dispatch(request, handler(resolve, reject)));
  return async () => successful(JSON.parse(await exchange()));
}

async function undiciPool() {
  const { Pool } = await import("undici");
  return new Pool(baseUrl, { connections: CONNECTIONS });
}

async function measure(send, width, milliseconds) {
  let count = 0;
  // While others had their turn the idle connections were closed; it is not they that are measured.
  await Promise.all(Array.from({ length: width }, () => send(count++)));
  count = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const end = began + milliseconds;
  const worker = async () => {
    while (performance.now() < end) await send(count++);
  };
  await Promise.all(Array.from({ length: width }, worker));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rate: count / seconds, cpu: (user + system) / count };
}

const send = await CONTENDERS[name]();
await send(0); // brings the token
process.on("message", async ({ width, milliseconds }) => process.send(await measure(send, width, milliseconds)));
process.on("disconnect", () => process.exit());
process.send("ready");
