// Our client and the public ones, each as a function that sends message number `n`, for the process of a contender.
import { createRequire } from "node:module";
import { join } from "node:path";

export const OPENID = "oSimFollower000000000000000001";
const APP = { appId: "wx0123456789abcdef", appSecret: "0123456789abcdef0123456789abcdef" };
export const textOf = (n) => `message ${n} 你好`;
export const bodyOf = (n) => ({ touser: OPENID, msgtype: "text", text: { content: textOf(n) } });

/** Some of the public clients give WeChat's refusal as their result. */
export function successful(answer) {
  if (answer?.errcode !== 0) throw new Error(`a send was refused: ${answer?.errcode}`);
}

/**
 * Each makes a function that sends; it fails if the client says so, or if `judge` does not like the client's result.
 * @param folder where the public clients are installed
 */
export const makersOf = (baseUrl, folder, judge) => {
  const require = createRequire(join(folder, "index.js"));
  return {
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
      return async (n) => judge(await api.sendText(OPENID, textOf(n)));
    },
    "node-easywechat"() {
      const { OfficialAccount } = require("node-easywechat");
      const app = new OfficialAccount({ app_id: APP.appId, secret: APP.appSecret, http: { baseURL: `${baseUrl}/` } });
      const client = app.getClient();
      return async (n) => judge((await client.postJson("cgi-bin/message/custom/send", bodyOf(n))).toObject());
    },
    // It has no custom send and no setting for the host: its template send takes the same way, with the same body.
    "nest-wechat"() {
      require("reflect-metadata");
      const axios = require("axios");
      const here = (url) => url.replace("https://api.weixin.qq.com", baseUrl).replace("/template/send", "/custom/send");
      for (const method of ["get", "post"]) {
        const original = axios[method].bind(axios);
        axios[method] = (url, ...more) => original(here(url), ...more);
      }
      const { WeChatService } = require("nest-wechat");
      const service = new WeChatService({ appId: APP.appId, secret: APP.appSecret });
      return async (n) => judge(await service.sendTemplateMessage(bodyOf(n)));
    },
  };
};
