// A process of its own that receives, or changes a note:
// node inbox-process.mjs WORD until-killed | same COUNT | note COUNT
// WORD names the inbox, as WECHAT_INBOX does.
import { createInterface } from "node:readline";
import { openInbox } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";

const [word, mode, count] = process.argv.slice(2);
const inbox = await openInbox(word, { appId: DEFAULT_APP_ID });
const push = (n) => {
  const message = {
    type: "text",
    openid: DEFAULT_FOLLOWER,
    accountId: "gh_1",
    createdAt: 1_800_000_000_000,
    text: `${n}`,
  };
  return { key: `m:${n}`, message };
};
// Waits until it is out: the kernel holds a few hundred lines for a reader that is slow, the rest would wait here, for a
// turn of the event loop that a process which only receives never takes, or be lost at the exit.
const say = (line) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));

if (mode === "until-killed") {
  for (let n = 0; ; n++) {
    await inbox.receive(push(n));
    await say(`acknowledged m:${n}`);
    if (n % 3 > 0) continue;
    await say(`handed-on m:${n}`);
    await inbox.emitted(`m:${n}`);
    await say(`emitted m:${n}`);
  }
}

/** The same pushes, or lines added to the same note. */
const work = {
  same: async (n) => {
    if ((await inbox.receive(push(n))) === "new") await say(`new m:${n}`);
  },
  note: (n) => inbox.amendNote("lines", (before = "") => `${before}${process.pid}:${n}\n`, 60 * 60_000),
}[mode];

// Does as others do who were told to begin at the same time.
const go = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
await say("ready");
await go.next();
for (let n = 0; n < Number(count); n++) await work(n);
await inbox.close();
process.exit();
