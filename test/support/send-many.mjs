// A process of its own that sends: node send-many.mjs BASE_URL COUNT [TOKEN_SOURCE [REDIS_URL]]. Exit code 1 if one
// send fails. With a Redis it says when it is connected, and waits for a message before it sends.
import { once } from "node:events";
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
if (tokenStore) {
  // A store that does not answer in 1.5 seconds is done without: begins once it is connected, and no process starts
  // beside it any more.
  const connected = () =>
    tokenStore.read("nothing").then(
      () => true,
      () => false,
    );
  while (!(await connected()));
  process.send("connected");
  await once(process, "message");
  process.disconnect();
}
const sends = Array.from({ length: Number(count) }, (_, n) =>
  client.messages.sendText(DEFAULT_FOLLOWER, `${process.pid} ${n}`),
);
await Promise.all(sends);
await client.close();
await tokenStore?.close();
