import { DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import type { Browser } from "playwright-core";
import { type Desk, reply } from "../../packages/simulator/test/receiver.js";
import { text } from "../../packages/simulator/test/support.js";

const ID = DEFAULT_FOLLOWER;

/** The words of a chat with a bookshop, for the pictures in docs/images. */
export interface Scene {
  readonly code: "zh" | "en";
  readonly language: "zh-CN" | "en-US";
  readonly account: string;
  readonly follower: string;
  readonly question: string;
  readonly passive: string;
  readonly order: string;
  readonly cover: string;
  readonly answer: string;
  readonly menu: { readonly head: string; readonly items: readonly [string, string] };
  readonly buttons: readonly [string, string, string];
}

export const SCENES: Readonly<Record<"zh" | "en", Scene>> = {
  zh: {
    code: "zh",
    language: "zh-CN",
    account: "花园书店",
    follower: "小雨",
    question: "你好，周日开门吗？",
    passive: '周日 10:00 至 18:00 开门，地址见 <a href="https://example.com/">这里</a>。',
    order: "太好了，请留一本这个给我。",
    cover: "雪国",
    answer: "好的，《雪国》已为您留好一本，周日 18:00 前到店即可 📚",
    menu: { head: "还需要什么？", items: ["改个时间", "转人工"] },
    buttons: ["新书", "服务", "帮助"],
  },
  en: {
    code: "en",
    language: "en-US",
    account: "Garden Books",
    follower: "Ann",
    question: "Hello, are you open on Sunday?",
    passive: 'From 10 to 6 on Sundays. This is <a href="https://example.com/">the way</a>.',
    order: "Good! Please keep one of these for me.",
    cover: "Snow Country",
    answer: "One copy of “Snow Country” is kept for you until Sunday, 6 pm 📚",
    menu: { head: "Anything else?", items: ["Another day", "Talk to someone"] },
    buttons: ["New", "Services", "Help"],
  },
};

/** Lets it happen: a passive answer, a picture, an answer of an AI, a menu, and two calls that fail. */
export async function play(browser: Browser, { sim, caller, receiver }: Desk, scene: Scene): Promise<void> {
  const [first, second, third] = scene.buttons;
  sim.addFollower({ openid: ID, nickname: scene.follower });
  sim.setMenu({
    button: [
      { type: "click", name: first, key: "NEW" },
      { name: second, sub_button: [{ type: "click", name: third, key: "X" }] },
      { type: "click", name: third, key: "HELP" },
    ],
  });
  receiver.answer = (_request, index) =>
    index === 0 ? reply(ID, "text", `<Content><![CDATA[${scene.passive}]]></Content>`) : "success";
  const token = await caller.token();
  for (const action of [
    { type: "text", text: scene.question },
    { type: "text", text: scene.order },
    { type: "image", content: await coverOf(browser, scene.cover), name: "cover.png" },
  ] as const) {
    sim.act(ID, action);
    await sim.pushed();
  }
  sim.inject({ kind: "busy" });
  const answer = text(scene.answer, { aimsgcontext: { is_ai_msg: 1 } });
  await caller.send(token, answer);
  await caller.send(token, answer);
  await caller.send(token, text(""));
  const list = scene.menu.items.map((content, index) => ({ id: String(index), content }));
  await caller.send(token, { touser: ID, msgtype: "msgmenu", msgmenu: { head_content: scene.menu.head, list } });
}

/** A picture of a book. */
async function coverOf(browser: Browser, title: string): Promise<Uint8Array> {
  const page = await browser.newPage({ viewport: { width: 200, height: 130 } });
  await page.setContent(`<body style="margin:0;height:130px;display:grid;place-items:end start;padding:14px;box-sizing:border-box;
    background:linear-gradient(165deg,#3f6488,#a9c4da 45%,#eef4f9 46%,#fff);font:600 20px sans-serif;color:#1f3a55">${title}</body>`);
  const picture = await page.screenshot();
  await page.close();
  return picture;
}
