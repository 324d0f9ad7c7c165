// node send-text.mjs OPENID "text"   with WECHAT_APP_ID and WECHAT_APP_SECRET in the environment
import { clientOptionsFromEnv, WeChatClient } from "@wechat-offiaccount/core";

const [openid, ...words] = process.argv.slice(2);
try {
  const client = new WeChatClient(clientOptionsFromEnv());
  const { delivery, parts } = await client.messages.sendText(openid, words.join(" "));
  console.log(`${delivery}, as ${parts.length} message(s)`);
  await client.close();
} catch (error) {
  console.error(`${error.delivery ?? "not-delivered"}: ${error.message}\n${error.remedy?.en}\n${error.remedy?.zh}`);
  process.exitCode = 1;
}
