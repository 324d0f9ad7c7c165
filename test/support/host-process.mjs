// A whole host of an account in a process of its own: node host-process.mjs SETTINGS (JSON, see HostSettings in hosts.ts).
// It sends, and with an inbox it receives too. It does what it is told by messages, and tells what it sees by messages;
// told to close it closes what it opened, and must then end by itself.
import { createServer } from "node:http";
import { Callback, Inbox, openInbox, RAPID_RETRY, WeChatClient } from "@wechat-offiaccount/core";
import { openRedisStore, RedisTokenStore } from "@wechat-offiaccount/core/redis";
import { DEFAULT_APP_ID as appId, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";

const settings = JSON.parse(process.argv[2]);
const { baseUrl, tokenSource, timeout, tokens, lease, redeliverEvery, callback: secrets } = settings;
const heard = (by) => (error) => process.connected && process.send({ told: { by, code: error.code ?? String(error) } });

const tokenStore = tokens && (await RedisTokenStore.open({ url: tokens, onError: heard("token store") }));
const inbox = settings.inbox && (await opened(settings.inbox));
const client = new WeChatClient({
  appId,
  appSecret: DEFAULT_APP_SECRET,
  baseUrl,
  tokenSource,
  timeout,
  tokenStore,
  inbox,
  tokenRetry: RAPID_RETRY,
});
let holding = false;
const callback =
  inbox &&
  new Callback({
    appId,
    ...secrets,
    inbox,
    client,
    redeliverEvery,
    onMessage: ({ text }) => (holding ? new Promise(() => {}) : void process.send({ received: text })),
    onError: heard("callback"),
    onRefused: ({ reason }) => process.send({ refused: reason }),
  });
const server = callback && (await listening(callback.listener));

/** What is told to do, by its name. */
const work = {
  async send({ count, width, name }) {
    const outcomes = { delivered: [], failed: [] };
    let next = 0;
    const worker = async () => {
      while (next < count) await sendOne(`${process.pid} ${name} ${next++}`, outcomes);
    };
    await Promise.all(Array.from({ length: width }, worker));
    return outcomes;
  },
  /** From now on no handler comes to an end. */
  hold() {
    holding = true;
  },
  /** Whether the shared store answers. */
  connected: () =>
    tokenStore.read("nothing").then(
      () => true,
      () => false,
    ),
  async close() {
    server?.close();
    server?.closeAllConnections();
    await callback?.close();
    await client.close();
    await inbox?.close().catch(heard("inbox"));
    await tokenStore?.close();
  },
};

// Whoever started it is gone.
process.on("disconnect", () => process.exit(9));
process.on("message", async ({ id, task, ...given }) => {
  const result = await work[task](given);
  process.send({ id, result }, () => task === "close" && leave());
});
process.send({ ready: server?.address().port ?? 0 });

/** Nothing is to be open any more: what is left keeps it alive until this says so. */
function leave() {
  process.removeAllListeners("disconnect");
  process.disconnect();
  setTimeout(() => {
    console.error("after close still open:", process.getActiveResourcesInfo());
    process.exit(8);
  }, 1_000).unref();
}

async function opened(word) {
  const options = { appId, lease, onError: heard("inbox") };
  if (!word.startsWith("redis:")) return openInbox(word, options);
  return new Inbox({ ...options, store: await openRedisStore({ url: word, onError: heard("inbox store") }) });
}

async function listening(listener) {
  const http = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => http.once("listening", resolve));
  return http;
}

async function sendOne(text, { delivered, failed }) {
  try {
    await client.messages.sendText(DEFAULT_FOLLOWER, text);
    delivered.push(text);
  } catch ({ code, errcode, delivery, remedy, message }) {
    failed.push({ code, errcode, delivery, remedy, message });
  }
}
