// node main.mjs OPENID "text" ...   with WECHAT_APP_ID and WECHAT_APP_SECRET in the environment
// Sends each text, then says what was called; warnings go to stderr.
import { clientOptionsFromEnv, WeChatClient, WeChatError } from "@wechat-offiaccount/core";
import { watchUsage } from "./usage.mjs";

const [openid, ...texts] = process.argv.slice(2);
const usage = watchUsage((line) => console.error(line));
const client = new WeChatClient(clientOptionsFromEnv());
try {
  for (const text of texts) await client.messages.sendText(openid, text);
} catch (error) {
  if (!(error instanceof WeChatError)) throw error;
  process.exitCode = 1;
}
await usage.checkQuota(client);
for (const line of usage.report()) console.log(line);
usage.stop();
await client.close();
