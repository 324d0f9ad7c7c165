// A process of its own that sends: node send-many.mjs BASE_URL COUNT [TOKEN_SOURCE [REDIS_URL]]. Exit code 1 if one
// send fails.
import { WeChatClient } from "@wechat-offiaccount/core";
import { RedisTokenStore } from "@wechat-offiaccount/core/redis";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";

const [baseUrl, count, tokenSource = "stable", redis] = process.argv.slice(2);
const tokenStore = redis ? await RedisTokenStore.open({ url: redis }) : undefined;
const client = new WeChatClient({
  appId: DEFAULT_APP_ID,
  appSecret: DEFAULT_APP_SECRET,
  baseUrl,
  tokenSource,
  tokenStore,
});
const sends = Array.from({ length: Number(count) }, (_, n) =>
  client.messages.sendText(DEFAULT_FOLLOWER, `${process.pid} ${n}`),
);
await Promise.all(sends);
await client.close();
await tokenStore?.close();
