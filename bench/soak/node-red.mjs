// Node-RED under soak. argv: package of the runtime, user directory, and as JSON: the base URL of "WeChat", the callback's
// settings, the account of the door, and the account that is received for another process.
// Its flow: messages → answer, every fifth after a look at the conversation → send; events → passive reply.
import { node, startNodeRed } from "../node-red-start.mjs";
import { answerTo } from "./answers.mjs";

const [, , runtime, userDir, given] = process.argv;
const { baseUrl, callback, own, other } = JSON.parse(given);

const claimOf = (mark, { delivery, parts, error }) => [mark, delivery, parts?.length ?? 0, error?.code];
let turn = 0;
const soak = {
  /** On the first output, or on the second to look up the conversation first; the third: nothing to answer. */
  answer(msg) {
    const { mark, answer } = answerTo({ ...msg.wechat, openid: msg.openid });
    const next = { ...msg, payload: answer, mark, answer };
    if (answer === undefined) return [null, null, next];
    return turn++ % 5 === 0 ? [null, next] : [next];
  },
  lookedUp: (msg) => ({ ...msg, payload: msg.answer }),
  sink({ mark, answer, wechat }) {
    process.send({ claim: answer === undefined ? [mark, "seen"] : claimOf(mark, wechat) });
  },
  caught({ mark, error, wechat }) {
    process.send(wechat?.delivery ? { claim: claimOf(mark, wechat) } : { trouble: `Node-RED: ${error.message}` });
  },
};

const runner = await startNodeRed({ runtime, userDir, global: { soak } });
const account = (id, { appId, secret, inbox }) => ({
  id,
  type: "wechat-oa-account",
  appId,
  baseUrl,
  ...inbox,
  credentials: { appSecret: secret, callbackToken: callback.callbackToken, encodingAESKey: callback.encodingAesKey },
});
const run = (name) => `return global.get("soak").${name}(msg);`;
await runner.deploy([
  { id: "tab", type: "tab", label: "soak" },
  account("account", own),
  account("mailbox", other),
  node("receive", "wechat-oa-receive", { account: "account", filter: "text,image", wires: [["answer"], []] }),
  node("answer", "function", { func: run("answer"), outputs: 3, wires: [["send"], ["look"], ["sink"]] }),
  node("look", "wechat-oa-conversation", { account: "account", messages: 5, wires: [["looked"]] }),
  node("looked", "function", { func: run("lookedUp"), wires: [["send"]] }),
  node("send", "wechat-oa-send", { account: "account", wires: [["sink"]] }),
  node("events", "wechat-oa-receive", {
    account: "account",
    filter: "event",
    answer: "wait",
    waitSeconds: 2,
    wires: [[], ["answerEvent"]],
  }),
  node("answerEvent", "function", { func: run("answer"), outputs: 3, wires: [["reply"], ["reply"], ["sink"]] }),
  node("reply", "wechat-oa-send", { account: "account", passive: true, wires: [["sink"]] }),
  node("sink", "function", { func: run("sink"), wires: [] }),
  node("catch", "catch", { scope: null, wires: [["caught"]] }),
  node("caught", "function", { func: run("caught"), wires: [] }),
  // Whoever has the same inbox answers these.
  node("mail", "wechat-oa-receive", { account: "mailbox", wires: [[], []] }),
]);

process.once("SIGTERM", () => runner.stop());
process.send({ ready: { url: runner.url, version: runner.version } });
