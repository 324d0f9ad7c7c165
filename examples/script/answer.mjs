// node answer.mjs   with WECHAT_APP_ID, WECHAT_APP_SECRET, WECHAT_CALLBACK_TOKEN, WECHAT_ENCODING_AES_KEY and PORT set
import { createServer } from "node:http";
import { Callback, clientOptionsFromEnv, inboxFromEnv, WeChatClient } from "@wechat-offiaccount/core";

const options = clientOptionsFromEnv();
const { appId } = options;
const { WECHAT_CALLBACK_TOKEN: token, WECHAT_ENCODING_AES_KEY: encodingAESKey, PORT = 8080 } = process.env;
const mode = encodingAESKey ? "safe" : "plain";
if (mode === "plain") {
  console.error(
    "WECHAT_ENCODING_AES_KEY is not set: plain mode, in which nothing protects the text of a message. 未设置 WECHAT_ENCODING_AES_KEY：以明文模式运行，消息内容不受保护。",
  );
}

// Who wrote what, what went out, who can be answered: in a file, unless WECHAT_INBOX names another inbox.
const inbox = await inboxFromEnv({ appId }, { WECHAT_INBOX: "sqlite:inbox.db", ...process.env });
const client = new WeChatClient({ ...options, inbox });
const callback = new Callback({
  appId,
  token,
  mode,
  encodingAESKey: encodingAESKey || undefined,
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

const end = async () => {
  server.close();
  await callback.close(); // handlers and replies under way
  await client.close();
  await inbox.close();
};
process.once("SIGINT", end);
process.once("SIGTERM", end);
