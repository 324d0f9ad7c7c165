// One client in a process of its own, so that none measures the heap and the compiled code of another:
// `contender.mjs NAME BASE-URL FOLDER`. It sends as told by its parent and reports counts and CPU time.
import { createRequire } from "node:module";
import { join } from "node:path";

const [name, baseUrl, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "index.js"));

const OPENID = "oSimFollower000000000000000001";
const APP = { appId: "wx0123456789abcdef", appSecret: "0123456789abcdef0123456789abcdef" };
const PATH = "/cgi-bin/message/custom/send?access_token=bench";
const HEADERS = { "content-type": "application/json" };
const CONNECTIONS = 256;
const textOf = (n) => `message ${n} 你好`;
const bodyOf = (n) => ({ touser: OPENID, msgtype: "text", text: { content: textOf(n) } });

function successful(answer) {
  if (answer?.errcode !== 0) throw new Error(`${name}: a send was refused`);
}

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
  async "undici dispatch, constant body"() {
    const pool = await undiciPool();
    const body = Buffer.from(JSON.stringify(bodyOf(100_000)));
    const request = { method: "POST", path: PATH, headers: HEADERS, body };
    const exchange = () =>
      new Promise((resolve, reject) => {
        let answer = "";
        pool.dispatch(request, {
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
        });
      });
    return async () => successful(JSON.parse(await exchange()));
  },
  "fetch of Node": () => async (n) => {
    const request = { method: "POST", headers: HEADERS, body: JSON.stringify(bodyOf(n)) };
    successful(await (await fetch(baseUrl + PATH, request)).json());
  },
  async "@wechat-offiaccount/core"() {
    const { WeChatClient } = await import("@wechat-offiaccount/core");
    const client = new WeChatClient({ ...APP, baseUrl });
    return (n) => client.messages.sendText(OPENID, textOf(n));
  },
  "wechat-api"() {
    const api = new (require("wechat-api"))(APP.appId, APP.appSecret);
    api.endpoint = baseUrl;
    return (n) =>
      new Promise((resolve, reject) => {
        api.sendText(OPENID, textOf(n), (error) => (error ? reject(error) : resolve()));
      });
  },
  "co-wechat-api"() {
    const api = new (require("co-wechat-api"))(APP.appId, APP.appSecret);
    api.prefix = `${baseUrl}/cgi-bin/`;
    return async (n) => successful(await api.sendText(OPENID, textOf(n)));
  },
  "node-easywechat"() {
    const { OfficialAccount } = require("node-easywechat");
    const app = new OfficialAccount({ app_id: APP.appId, secret: APP.appSecret, http: { baseURL: `${baseUrl}/` } });
    const client = app.getClient();
    return async (n) => successful((await client.postJson("cgi-bin/message/custom/send", bodyOf(n))).toObject());
  },
  // It has no custom send and no setting for the host: its template send takes the same way, with the same body.
  "nest-wechat"() {
    require("reflect-metadata");
    const axios = require("axios");
    for (const method of ["get", "post"]) {
      const original = axios[method].bind(axios);
      axios[method] = (url, ...more) => original(url.replace("https://api.weixin.qq.com", baseUrl), ...more);
    }
    const { WeChatService } = require("nest-wechat");
    const service = new WeChatService({ appId: APP.appId, secret: APP.appSecret });
    return async (n) => successful(await service.sendTemplateMessage(bodyOf(n)));
  },
};

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
