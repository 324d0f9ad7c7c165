// An ECMAScript module that depends on the published package: node program.mjs BASE_URL SECRET OPENID
import { CALL_CHANNEL, splitText, WeChatApiError, WeChatClient } from "@wechat-offiaccount/core";

const [baseUrl, appSecret, openid] = process.argv.slice(2);
const client = new WeChatClient({ appId: "wx0123456789abcdef", appSecret, baseUrl });
const { delivery } = await client.messages.sendText(openid, "你好");
await client.messages.sendText(openid, "**好**", { markdown: true });
const refused = await client.messages.sendText("oNobody", "你好").catch((error) => error);
await client.close();
const { code, errcode, remedy } = refused;
const isApiError = refused instanceof WeChatApiError;
const parts = splitText("一二三", { maxBytes: 6 });
console.log(JSON.stringify({ delivery, isApiError, code, errcode, zh: remedy.zh.length > 0, parts, CALL_CHANNEL }));
