// node answer.mjs   with WECHAT_APP_ID, WECHAT_APP_SECRET, WECHAT_CALLBACK_TOKEN, WECHAT_ENCODING_AES_KEY and PORT set
import { createServer } from "node:http";
import { Callback, clientOptionsFromEnv, openInbox, WeChatClient } from "@wechat-offiaccount/core";

const options = clientOptionsFromEnv();
const { appId } = options;
const { WECHAT_CALLBACK_TOKEN: token, WECHAT_ENCODING_AES_KEY: encodingAESKey, PORT = 8080 } = process.env;

const inbox = await openInbox("sqlite:inbox.db", { appId }); // who wrote what, what went out, who can be answered
const client = new WeChatClient({ ...options, inbox });
const callback = new Callback({
  appId,
  token,
  encodingAESKey,
  inbox,
  client,
  async onMessage(message) {
    if (message.event === "subscribe") return { type: "text", text: "Welcome! 欢迎关注！" };
    if (message.type !== "text") return;
    const { repliesLeft } = await inbox.window(message.openid);
    return { type: "text", text: `You wrote: ${message.text} (${repliesLeft} replies left)` };
  },
  onError: (error) => console.error(error.message, error.remedy?.en ?? ""),
  onRefused: ({ reason, remedy }) => console.error(`refused: ${reason}. ${remedy.en}`),
});

const server = createServer(callback.listener);
server.listen(PORT, () => console.log(`waits for WeChat on port ${server.address().port}`));

process.once("SIGTERM", async () => {
  server.close();
  await callback.close(); // handlers and replies under way
  await client.close();
  await inbox.close();
});
