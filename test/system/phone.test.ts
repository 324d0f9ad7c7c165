import { createSimulator, DEFAULT_FOLLOWER, SERVICE_FAILED, type Simulator } from "@wechat-offiaccount/simulator";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Desk, desk, element, reply } from "../../packages/simulator/test/receiver.js";
import { account, HOUR, text } from "../../packages/simulator/test/support.js";
import { hasChromium, launchChromium } from "../support/editor.js";
import { openPhone, PhonePage } from "../support/phone.js";

const ID = DEFAULT_FOLLOWER;
/** A picture of 2 by 2. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFElEQVR42mNk+M9QzwAEjDAGAAAo+gH/0rTXbgAAAABJRU5ErkJggg==",
  "base64",
);
const MENU = {
  button: [
    { type: "click", name: "Today", key: "TODAY" },
    { name: "More", sub_button: [{ type: "location_select", name: "Where I am", key: "PLACE" }] },
  ],
} as const;

describe.skipIf(!hasChromium)("the phone", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  const open = (sim: Simulator) => openPhone(browser, sim);

  async function ready(): Promise<Desk & { phone: PhonePage; token: string }> {
    const started = await desk();
    return { ...started, token: await started.caller.token(), phone: await open(started.sim) };
  }

  it("shows what is written, the passive answer and one by API, in order; Enter sends", async () => {
    const { phone, receiver, caller, token } = await ready();
    receiver.answer = async ({ body }) => {
      const asked = element(body, "Content");
      return reply(ID, "text", `<Content><![CDATA[You asked: ${asked}]]></Content>`);
    };
    await phone.write("When are you open?");
    await expect.poll(() => phone.lines()).toEqual(["When are you open?", "You asked: When are you open?"]);
    await caller.send(token, text("And on Sundays too", { aimsgcontext: { is_ai_msg: 1 } }));
    await expect
      .poll(() => phone.lines())
      .toEqual(["When are you open?", "You asked: When are you open?", "And on Sundays too", "内容由第三方AI生成"]);
    expect(await phone.input.inputValue()).toBe("");
    expect(await phone.log.getByText("10:00", { exact: true }).count()).toBe(1);
  });

  it("leaves Enter to the input method while it composes, and makes a line of Shift+Enter", async () => {
    const { phone, sim } = await ready();
    await phone.input.fill("ni hao");
    await phone.input.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await phone.input.press("Shift+Enter");
    await phone.input.pressSequentially("!");
    expect(sim.ledger.lines).toEqual([]);
    await phone.input.press("Enter");
    await expect.poll(() => sim.ledger.lines.map((line) => line.text)).toEqual(["ni hao\n!"]);
  });

  it("sends a picture, and shows one that comes; says what is wrong with a file", async () => {
    const { phone, sim, receiver, caller, token } = await ready();
    const chooser = phone.page.locator("#picture");
    const pictures = phone.log.getByRole("img", { name: "Picture" });
    const loaded = () =>
      pictures.evaluateAll((all) => all.map((image) => (image as { naturalWidth?: number }).naturalWidth));
    await chooser.setInputFiles({ name: "holiday.png", mimeType: "image/png", buffer: PICTURE });
    await expect.poll(loaded).toEqual([2]);
    await sim.pushed();
    const mediaId = element(receiver.got[0]!.body, "MediaId") ?? "";
    const got = await fetch(`${sim.url}/cgi-bin/media/get?access_token=${token}&media_id=${mediaId}`);
    expect(Buffer.from(await got.arrayBuffer())).toEqual(PICTURE);
    const upload = { filename: "a.png", content: Uint8Array.from(PICTURE) };
    const { media_id } = await caller.upload("/cgi-bin/media/upload", token, { type: "image" }, upload);
    await caller.send(token, { touser: ID, msgtype: "image", image: { media_id } });
    await expect.poll(loaded).toEqual([2, 2]);
    const alert = phone.page.getByRole("alert");
    await chooser.setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("%PDF-1.7") });
    await expect
      .poll(async () => (await alert.textContent())?.trim())
      .toBe("This is no PNG, JPEG or GIF picture; choose one.");
    await chooser.setInputFiles({ name: "b.png", mimeType: "image/png", buffer: Buffer.alloc(10 * 2 ** 20 + 1) });
    await expect
      .poll(async () => (await alert.textContent())?.trim())
      .toBe("The file is larger than 10 MB; choose a smaller one.");
    expect(sim.ledger.lines).toHaveLength(1);
  });

  it("has the account's menu at the bottom, whose taps are pushed; a tapped item of a msgmenu is a message", async () => {
    const { phone, sim, receiver, caller, token } = await ready();
    sim.setMenu(MENU);
    const bar = phone.page.getByRole("navigation", { name: "Custom menu" });
    await bar.getByRole("button", { name: "Today" }).click();
    await receiver.arrived(1);
    expect([element(receiver.got[0]!.body, "Event"), element(receiver.got[0]!.body, "EventKey")]).toEqual([
      "CLICK",
      "TODAY",
    ]);
    await bar.getByRole("button", { name: "More" }).click();
    await bar.getByRole("button", { name: "Where I am" }).click();
    await phone.page.getByRole("dialog").getByRole("button", { name: "OK" }).click();
    await receiver.arrived(3);
    expect(receiver.got.slice(1).map(({ body }) => element(body, "Event") ?? element(body, "MsgType"))).toEqual([
      "location_select",
      "location",
    ]);
    const list = [{ id: "7", content: "Very good" }];
    await caller.send(token, { touser: ID, msgtype: "msgmenu", msgmenu: { head_content: "How was it?", list } });
    await phone.log.getByRole("button", { name: "Very good" }).click();
    await receiver.arrived(4);
    expect(element(receiver.got[3]!.body, "bizmsgmenuid")).toBe("7");
    await bar.getByRole("button", { name: "Keyboard" }).click();
    await phone.input.waitFor();
  });

  it("follows and unfollows; a send to whoever has left fails, and the ledger and the window say why", async () => {
    const { phone, caller, token } = await ready();
    await phone.page.getByRole("button", { name: "Account and follower" }).click();
    await phone.page.getByRole("dialog").getByRole("button", { name: "Unfollow" }).click();
    const follow = phone.page.getByRole("button", { name: "Follow", exact: true });
    await follow.waitFor();
    expect((await caller.send(token, text("x"))).errcode).toBe(43004);
    const calls = await phone.tab(/Calls/);
    await calls.getByText("the user does not follow the account").waitFor();
    const region = phone.panel.getByRole("region", { name: "Reply window" });
    expect(await region.textContent()).toContain("43004");
    await follow.click();
    await phone.input.waitFor();
    await expect.poll(() => region.textContent()).toContain("3 of 3 replies left");
  });

  it("shows WeChat's sentence when the callback fails, and beside it what was wrong", async () => {
    const { phone, receiver } = await ready();
    receiver.answer = () => ({ status: 500, body: "oh no" });
    await phone.write("hello");
    await expect.poll(() => phone.lines()).toEqual(["hello", SERVICE_FAILED]);
    const pushes = await phone.tab(/Pushes/);
    await pushes.locator("summary").click();
    const shown = await pushes.textContent();
    for (const words of ["bad answer: the phone shows a failure", "HTTP 500", "oh no", "<Content><![CDATA[hello]]>"])
      expect(shown).toContain(words);
  });

  it("closes the window when the clock is moved by 48 h, and explains it", async () => {
    const { phone, sim, caller, token } = await ready();
    const region = phone.panel.getByRole("region", { name: "Reply window" });
    await expect.poll(() => region.textContent()).toContain("5 of 5 replies left");
    await caller.send(token, text("one"));
    await expect.poll(() => region.textContent()).toContain("4 of 5 replies left");
    const before = sim.clock.now();
    await phone.panel.getByRole("button", { name: "+48 h" }).click();
    await region.getByText("A send now fails with 45015").waitFor();
    expect(sim.clock.now()).toBe(before + 48 * HOUR);
    await region.getByText("Last interaction: 2026-11-22 10:00:00").waitFor();
    expect((await caller.send(await caller.token(), text("two"))).errcode).toBe(45015);
    await phone.write("still there?");
    await expect.poll(() => region.textContent()).toContain("5 of 5 replies left");
  });

  it("has a button for each fault, which strikes as told, and takes it back", async () => {
    const { phone, sim, caller, token } = await ready();
    const faults = await phone.tab(/Faults/);
    await faults.getByLabel("Times").fill("2");
    await faults.getByRole("button", { name: "−1, not done" }).click();
    await faults.getByText("struck 0, left 2").waitFor();
    expect((await caller.send(token, text("x"))).errcode).toBe(-1);
    await faults.getByText("struck 1, left 1").waitFor();
    await faults.getByRole("button", { name: "Take back: −1, not done" }).click();
    await faults.getByText("None.").waitFor();
    expect((await caller.send(token, text("x"))).errcode).toBe(0);
    await faults.getByLabel("Path").fill("/cgi-bin/stable_token");
    await faults.getByLabel("errcode").fill("45009");
    await faults.getByRole("button", { name: "an errcode" }).click();
    await expect
      .poll(() => sim.ledger.totals && phone.panel.getByText("/cgi-bin/stable_token").count())
      .toBeGreaterThan(0);
    expect((await caller.stable()).errcode).toBe(45009);
    const calls = await phone.tab(/Calls/);
    await calls.getByText("the calls of this day are used up").waitFor();
    await calls.getByRole("listitem").first().locator("summary").click();
    const shown = await calls.getByRole("listitem").first().textContent();
    expect(shown).toMatch(/rid[0-9a-f-]{26}/);
    expect(shown).toContain('"secret": "***"');
  });

  it("expires and supersedes the access token", async () => {
    const { phone, caller, token } = await ready();
    await phone.panel.getByText(/stable .*left/).waitFor();
    await phone.panel.getByRole("button", { name: "Expire (42001)" }).click();
    await phone.panel.getByText("none fetched").waitFor();
    expect((await caller.send(token, text("x"))).errcode).toBe(42001);
    const next = await caller.token();
    await phone.panel.getByText(/stable .*left/).waitFor();
    await phone.panel.getByRole("button", { name: "Supersede (40001)" }).click();
    await phone.panel.getByText("none fetched").waitFor();
    expect((await caller.send(next, text("x"))).errcode).toBe(40001);
  });

  it("runs nothing of a message, and opens no address that is none", async () => {
    const { phone, sim, caller, token } = await ready();
    const nasty = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const link = '<a href="javascript:alert(3)">click</a> <a href="https://example.com/">good</a>';
    sim.addFollower({ openid: ID, nickname: nasty });
    await caller.send(token, text(nasty));
    await caller.send(token, text(link));
    await caller.send(token, {
      touser: ID,
      msgtype: "news",
      news: {
        articles: [{ title: nasty, description: nasty, url: "javascript:alert(4)", picurl: "javascript:alert(5)" }],
      },
    });
    await expect.poll(() => phone.lines()).toEqual([nasty, "click good", `${nasty}\n\n${nasty}`]);
    await phone.log.getByText("click good").click({ position: { x: 20, y: 20 } });
    expect(await phone.log.getByRole("link").evaluateAll((links) => links.map((a) => a.getAttribute("href")))).toEqual([
      "https://example.com/",
    ]);
    expect(await phone.page.locator("script:not([src], [type=importmap]), img").count()).toBe(0);
  });

  it("stays where the reader has scrolled to, and says how many messages are new", async () => {
    const { phone, sim, caller, token } = await ready();
    for (let i = 0; i < 30; i++) sim.act(ID, { type: "text", text: `line ${i}` });
    await phone.log.getByText("line 29").waitFor();
    const atEnd = () => phone.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2);
    await expect.poll(atEnd).toBe(true);
    await phone.log.evaluate((log) => {
      log.scrollTop = 0;
    });
    await expect.poll(atEnd).toBe(false);
    await caller.send(token, text("something new"));
    await phone.page.getByRole("button", { name: "1 new message" }).click();
    await expect.poll(atEnd).toBe(true);
    await caller.send(token, text("and newer"));
    await phone.log.getByText("and newer").waitFor();
    await expect.poll(atEnd).toBe(true);
  });

  it("says in the title that someone types, for 15 s", async () => {
    const { phone, sim, caller, token } = await ready();
    await phone.write("hello");
    await expect.poll(() => sim.ledger.lines).toHaveLength(1);
    await caller.post("/cgi-bin/message/custom/typing", token, { touser: ID, command: "Typing" });
    const title = phone.page.getByRole("heading", { level: 1 });
    await expect.poll(() => title.textContent()).toBe("Typing…");
    sim.clock.advance(15_000);
    await expect.poll(() => title.textContent()).toBe("Official Account");
  });

  it("is used by keyboard alone: chat, sheet, dialog, tabs", async () => {
    const { phone, sim } = await ready();
    const { keyboard } = phone.page;
    const focused = () =>
      phone.page.evaluate<string>(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
      );
    const tabTo = async (name: string) => {
      for (let i = 0; i < 40 && (await focused()) !== name; i++) await keyboard.press("Tab");
      expect(await focused()).toBe(name);
    };
    await tabTo("Message");
    await keyboard.type("by keyboard");
    await keyboard.press("Enter");
    await phone.log.getByText("by keyboard").waitFor();
    await tabTo("More");
    await keyboard.press("Enter");
    await tabTo("Location");
    await keyboard.press("Enter");
    await phone.page.getByRole("dialog", { name: "Location" }).waitFor();
    await keyboard.press("Escape");
    await phone.page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Location");
    await keyboard.press("Enter");
    await phone.page.getByRole("dialog", { name: "Location" }).waitFor();
    await keyboard.press("Enter");
    await phone.log.getByText("广州塔").waitFor();
    expect(sim.ledger.lines).toHaveLength(2);
    await phone.panel.getByRole("tab", { name: "Calls" }).focus();
    await keyboard.press("ArrowRight");
    await keyboard.press("ArrowRight");
    expect(await phone.panel.getByRole("tab", { name: "Faults" }).getAttribute("aria-selected")).toBe("true");
    await keyboard.press("Tab");
    expect(await phone.page.evaluate<string>("document.activeElement.id")).toBe("tab-panel");
  });

  it("is the same in two tabs; another follower, who is added here, is there too and has a phone of their own", async () => {
    const { phone, sim } = await ready();
    const other = await open(sim);
    await phone.write("seen by both");
    await other.log.getByText("seen by both").waitFor();
    await phone.page.getByRole("button", { name: "Add follower" }).click();
    const dialog = phone.page.getByRole("dialog", { name: "Add follower" });
    await dialog.getByLabel("Nickname").fill("小雨");
    await dialog.getByLabel("openid").fill("oNew1");
    await dialog.getByRole("checkbox").uncheck();
    await dialog.getByRole("button", { name: "Add" }).click();
    await phone.page.getByRole("button", { name: "Follow", exact: true }).click();
    await phone.write("I am new");
    await phone.log.getByText("I am new").waitFor();
    expect(await other.lines()).toEqual(["seen by both"]);
    await other.page.getByRole("combobox", { name: "Follower" }).selectOption({ label: "小雨" });
    await expect.poll(() => other.lines()).toEqual(["I am new"]);
    await other.page.reload();
    await other.log.getByText("I am new").waitFor();
  });

  it("stays the phone of the follower in its address, however many there are, and says how many are shown", async () => {
    const { sim } = await ready();
    const add = (from: number, to: number) => {
      for (let i = from; i < to; i++) sim.addFollower({ openid: `o${i}`, nickname: `Number ${i}` });
    };
    add(0, 100);
    const phone = await open(sim);
    const chooser = phone.page.getByRole("combobox", { name: "Follower" });
    await chooser.selectOption({ label: "Number 7" });
    add(100, 400);
    await phone.page.getByText("200 of 401").waitFor();
    await phone.write("from seven");
    await phone.log.getByText("from seven").waitFor();
    await phone.page.reload();
    await phone.log.getByText("from seven").waitFor();
    const address = phone.page.url().replace("openid=o7", "openid=o8");
    await phone.page.evaluate(`location.href = ${JSON.stringify(address)}`);
    await expect.poll(() => chooser.locator("option:checked").textContent()).toBe("Number 8");
    await phone.write("from eight");
    await phone.log.getByText("from eight").waitFor();
    expect(sim.ledger.lines.map(({ openid, text: words }) => [openid, words])).toEqual([
      ["o7", "from seven"],
      ["o8", "from eight"],
    ]);
  });

  it.each([
    ["Follower", "#openid=oNobody", "oNobody"],
    ["Account", `#appId=wxNone&openid=${ID}`, "wxNone"],
  ])(
    "is nobody's, and says so, when its address has no %s of the simulator; one can choose",
    async (name, hash, id) => {
      const { phone, sim } = await ready();
      await phone.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await phone.log.getByText(`The simulator does not have ${id}.`).waitFor();
      expect(await phone.input.count()).toBe(0);
      await phone.page.getByRole("combobox", { name }).selectOption({ index: 1 });
      await phone.write("somebody");
      await expect.poll(() => sim.ledger.lines).toMatchObject([{ openid: ID, text: "somebody" }]);
    },
  );

  it("listens only while it can be seen, and then catches up", async () => {
    const { phone, caller, token } = await ready();
    const turn = (hidden: boolean) =>
      phone.page.evaluate(`Object.defineProperty(document, "hidden", { configurable: true, value: ${hidden} });
        document.dispatchEvent(new Event("visibilitychange"));`);
    const ended = phone.page.waitForEvent("requestfailed", (request) => request.url().endsWith("/simulator/events"));
    await turn(true);
    await ended;
    await caller.send(token, text("while nobody looked"));
    await turn(false);
    await phone.log.getByText("while nobody looked").waitFor();
  });

  it("says when a message went to a human agent", async () => {
    const { phone, sim, caller, token } = await ready();
    sim.addAccount({ ...account({ kfAccounts: ["anna@simulator"] }), callback: "http://127.0.0.1:1/" });
    await caller.post("/customservice/kfsession/create", token, { openid: ID, kf_account: "anna@simulator" });
    await sim.pushed();
    await phone.write("Is anybody there?");
    await phone.page.getByRole("alert").getByText("Sent to the human agent of the session").waitFor();
    await caller.send(token, text("Yes, Anna", { customservice: { kf_account: "anna@simulator" } }));
    await expect.poll(() => phone.lines()).toEqual(["Is anybody there?", "anna@simulator", "Yes, Anna"]);
  });

  it("comes back by itself when the simulator was restarted on the same port", async () => {
    const first = await createSimulator();
    const phone = await PhonePage.open(browser, first.url);
    onTestFinished(() => phone.close());
    await phone.write("before");
    await phone.log.getByText("before").waitFor();
    await first.close();
    await phone.live.waitFor({ state: "detached" });
    const second = await createSimulator({ port: Number(new URL(first.url).port) });
    onTestFinished(() => second.close());
    await phone.live.waitFor();
    await expect.poll(() => phone.lines()).toEqual(["You follow the account. Write something."]);
    await phone.write("after");
    await phone.log.getByText("after").waitFor();
    expect(phone.troubles.filter((trouble) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/.test(trouble))).toEqual([]);
  });

  it("has a phone for each account's followers", async () => {
    const { sim } = await ready();
    sim.addAccount({ appId: "wx2", secret: "s", name: "The other" });
    const phone = await open(sim);
    await phone.page.getByRole("combobox", { name: "Account" }).selectOption({ label: "The other · wx2" });
    await phone.page.getByRole("heading", { level: 1, name: "The other" }).waitFor();
    await phone.panel.getByText("This account has no callback").first().waitFor();
    await phone.write("to the other");
    await phone.log.getByText("to the other").waitFor();
    expect(sim.ledger.lines).toMatchObject([{ appId: "wx2", text: "to the other" }]);
  });
});
