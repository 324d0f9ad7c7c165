import {
  createSimulator,
  DEFAULT_APP_ID,
  type DeliveredMessage,
  type FollowerAction,
  type Simulator,
} from "@wechat-offiaccount/simulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ExampleNode, readExample } from "./support/examples.js";
import { NodeRed, RUNTIMES } from "./support/node-red.js";
import { serve } from "./support/receiving.js";

const SECRET = "5ec4e75e471e15ec4e75e471e1000000";
const TOKEN = "ca11backT0kenOfTheTest";
const AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const ALICE = "alice@shop";
/** A pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

type Change = (node: ExampleNode) => object;

describe.each(RUNTIMES)("on a real %s, the example", (runtime) => {
  let simulator: Simulator;
  let nodeRed: NodeRed;
  let followers = 0;
  beforeAll(async () => {
    simulator = await createSimulator({
      accounts: [{ appId: DEFAULT_APP_ID, secret: SECRET, wechatId: "shop", kfAccounts: [ALICE] }],
    });
    nodeRed = await NodeRed.start({
      runtime,
      settings: { nodeCloseTimeout: 1500 },
      env: { WECHAT_APP_ID: DEFAULT_APP_ID, WECHAT_API_BASE_URL: simulator.url },
    });
  });
  afterAll(async () => {
    expect(nodeRed.log).not.toMatch(/UnhandledPromise|uncaught/i);
    await nodeRed.stop();
    await simulator.close();
  });
  afterEach(() => {
    simulator.clearFaults();
  });

  const until = async (fulfilled: () => boolean) => {
    // Not in busy turns: Node-RED, which the test waits for, needs the core.
    while (!fulfilled()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  /** Deploys an example with the account's secrets, and with what its user enters. Debug nodes write to the log too. */
  const deploy = async (number: string, change: Change = () => ({}), account = DEFAULT_APP_ID) => {
    const flow = await readExample(number);
    const credentials = { appSecret: SECRET, callbackToken: TOKEN, encodingAESKey: AES_KEY };
    await nodeRed.deploy(
      flow.map((node) => ({
        ...node,
        ...(node.type === "wechat-oa-account" && {
          credentials,
          ...(account !== DEFAULT_APP_ID && { appId: account }),
        }),
        ...(node.type === "debug" && { console: true }),
        ...change(node),
      })),
    );
    const callback = `${nodeRed.url}/flow/wechat/${account}`;
    await simulator.setCallback({ callback, callbackToken: TOKEN, encodingAesKey: AES_KEY }, account);
    const before = nodeRed.log.length;
    const id = (name: string) => flow.find((node) => node.name?.startsWith(name))!.id;
    return {
      press: (name: string) => nodeRed.post(`/inject/${id(name)}`, {}),
      /** What a debug node has shown since, once it did. */
      shown: async (name: string) => {
        const text = () => nodeRed.log.slice(before).split(`[debug:${name}`)[1];
        await until(() => text() !== undefined);
        return text()!;
      },
    };
  };
  /** Somebody who follows the account. */
  const follower = () => {
    followers += 1;
    const openid = `oFollower${followers}`;
    simulator.addFollower({ openid });
    const onPhone = () => simulator.ledger.messages.filter((message) => message.openid === openid);
    return {
      openid,
      /** Does something; resolves when WeChat has its answer. */
      does: async (action: FollowerAction) => {
        const { pushId } = simulator.act(openid, action);
        await simulator.pushed();
        return pushId;
      },
      /** What is on the phone, once there are so many messages. */
      got: async (count: number): Promise<DeliveredMessage[]> => {
        await until(() => onPhone().length >= count);
        return onPhone();
      },
    };
  };
  const texts = (messages: DeliveredMessage[]) => messages.map(({ text }) => text);
  /** As its user enters another openid, and other values, into the inject nodes. */
  const to =
    (openid: string, values: object = {}): Change =>
    ({ type, props }) =>
      type === "inject"
        ? {
            ...values,
            props: (props as { p: string }[]).map((prop) => (prop.p === "openid" ? { ...prop, v: openid } : prop)),
          }
        : {};

  it("01 sends a text, and tells why one was not delivered", async () => {
    const { openid, does, got } = follower();
    await deploy("02");
    await does({ type: "text", text: "hi" });
    await got(1);
    const { press, shown } = await deploy("01", to(openid));
    await press("a text");
    expect(texts(await got(2))[1]).toMatch(/你好.*Node-RED/);
    expect(await shown("delivered")).toContain("delivery: 'delivered'");
    const other = await deploy("01", to("oNobody"));
    await other.press("a text");
    expect(await other.shown("not delivered")).toMatch(/delivery: 'not-delivered'[\s\S]*errcode: 40003/);
  });

  it("02 echoes, shows what followers do, and answers in words what cannot be sent back", async () => {
    const { does, got } = follower();
    const { shown } = await deploy("02");
    await does({ type: "text", text: "你好 👋" });
    expect(texts(await got(1))).toEqual(["你好 👋"]);
    await does({ type: "menu", key: "HELP" });
    expect(await shown("what followers do")).toMatch(/event: 'click'[\s\S]*eventKey: 'HELP'/);
    await does({ type: "location", latitude: 31.2, longitude: 121.5 });
    expect(texts(await got(2))[1]).toContain("这类消息无法原样发回");
    simulator.inject({ path: "/cgi-bin/message/custom/send", kind: "errcode", errcode: 45047, times: 1 });
    await does({ type: "text", text: "once more" });
    expect(await shown("not delivered")).toContain("45047");
  });

  it("03 welcomes, and answers by keyword in WeChat's own request", async () => {
    const { does, got } = follower();
    await deploy("03");
    await does({ type: "unfollow" });
    await does({ type: "follow" });
    await does({ type: "text", text: "几点开门？" });
    await does({ type: "text", text: "What is your ADDRESS?" });
    await does({ type: "text", text: "你好" });
    const messages = await got(4);
    expect(texts(messages)).toEqual([
      expect.stringContaining("欢迎关注"),
      expect.stringContaining("9:00–18:00"),
      expect.stringContaining("人民路"),
      expect.stringContaining("可以问我"),
    ]);
    expect(messages.map(({ via }) => via)).toEqual(Array(4).fill("passive-reply"));
  });

  it("04 shows typing, answers with the AI label, and apologizes without it when the model fails", async () => {
    const { openid, does, got } = follower();
    const typing = () =>
      simulator.ledger.calls.filter((call) => call.path.endsWith("/typing") && call.openid === openid);
    await deploy("04");
    await does({ type: "text", text: "Why is the sky blue?" });
    const [answer] = await got(1);
    expect(answer).toMatchObject({
      ai: true,
      text: expect.stringMatching(/^Why is the sky blue\?\n+• .*由您的模型回答/),
    });
    await until(() => typing()[0]?.errcode !== undefined);
    expect(typing()).toMatchObject([{ errcode: 0, body: { command: "Typing" } }]);
    const broken = await deploy("04", ({ type }) =>
      type === "function" ? { func: 'throw new Error("the model is down");' } : {},
    );
    await does({ type: "text", text: "And now?" });
    expect((await got(2))[1]).toMatchObject({ ai: false, text: expect.stringContaining("抱歉") });
    expect(nodeRed.log).not.toContain("the model is down"); // the Catch node took it
    simulator.inject({ kind: "errcode", errcode: 48001 });
    await does({ type: "text", text: "Once more?" });
    expect(await broken.shown("what went wrong")).toContain("48001");
  });

  it("05 sends a menu, and answers what is tapped", async () => {
    const { does, got } = follower();
    await deploy("05");
    await does({ type: "text", text: "hi" });
    expect((await got(1))[0]).toMatchObject({
      msgtype: "msgmenu",
      body: { msgmenu: { list: [{ id: "hours" }, { id: "address" }] } },
    });
    await does({ type: "menu-item", id: "address" });
    expect(texts(await got(2))[1]).toContain("人民路");
    await does({ type: "menu-item", id: "hours" });
    expect(texts(await got(3))[2]).toContain("9:00–18:00");
    await does({ type: "text", text: "hours" });
    expect((await got(4))[3]).toMatchObject({ msgtype: "msgmenu" });
  });

  it("06 sends a picture back, sends one by its URL or as a Buffer, and says when it is not there", async () => {
    const { openid, does, got } = follower();
    const { url, close } = await serve((request, response) => {
      response.writeHead(request.url === "/picture.png" ? 200 : 404).end(PNG);
    });
    try {
      await deploy("06");
      await does({ type: "image" });
      const [back] = await got(1);
      expect(back).toMatchObject({ msgtype: "image" });
      const web = await deploy("06", to(openid, { payload: `${url}/picture.png` }));
      await web.press("a picture");
      expect((await got(2))[1]).toMatchObject({ msgtype: "image" });
      expect((await got(2))[1]!.body).not.toEqual(back!.body);
      const buffer = await deploy("06", to(openid, { payload: JSON.stringify([...PNG]), payloadType: "bin" }));
      await buffer.press("a picture");
      expect((await got(3))[2]).toMatchObject({ msgtype: "image" });
      const missing = await deploy("06", to(openid, { payload: `${url}/missing.png` }));
      await missing.press("a picture");
      expect(await missing.shown("what went wrong")).toContain("404");
    } finally {
      await close();
    }
  });

  it("07 tells all whose window is open, in rounds, and who did not get it", async () => {
    const account = "wx00000000000000b7";
    simulator.addAccount({ appId: account, secret: SECRET });
    const people = ["oAnn", "oBob", "oCleo", "oDan"];
    for (const openid of people) simulator.addFollower({ openid, appId: account });
    const one: Change = ({ type }) => (type === "wechat-oa-conversation" ? { limit: 1 } : {});
    const { press, shown } = await deploy("07", one, account);
    await press("what to tell them");
    expect(await shown("nobody")).toMatch(/\[ *\]/);
    const does = async (openid: string, action: FollowerAction) => {
      simulator.act(openid, action, account);
      await simulator.pushed();
    };
    for (const openid of people.slice(0, 3)) await does(openid, { type: "text", text: "hi" });
    await does("oBob", { type: "unfollow" });
    simulator.inject({ kind: "errcode", errcode: 45047, openid: "oCleo" });
    await press("what to tell them");
    const wentWrong = await shown("some did not");
    expect(wentWrong).toMatch(/openid: 'oCleo'[\s\S]*delivery: 'not-delivered'/);
    expect(await shown("all got it")).toContain("openid: 'oAnn'");
    const sent = simulator.ledger.messages.filter(({ appId }) => appId === account);
    expect(sent).toMatchObject([{ openid: "oAnn", text: expect.stringContaining("新茶上架") }]);
  });

  it("08 hands over to a human, and takes back", async () => {
    const { openid, does, got } = follower();
    const { press, shown } = await deploy("08", to(openid));
    await does({ type: "text", text: "hi" });
    expect(texts(await got(1))[0]).toContain("Write 人工");
    simulator.changeAgent({ kfAccount: ALICE, online: false });
    await does({ type: "text", text: "人工" });
    expect(texts(await got(2))[1]).toContain("I cannot reach a human");
    expect(await shown("what went wrong")).toMatch(/online|在线/);
    simulator.changeAgent({ kfAccount: ALICE, online: true });
    await does({ type: "text", text: "a human, please" });
    expect(texts(await got(3))[2]).toContain("talking to a human now");
    expect(await does({ type: "text", text: "to Alice" })).toBeUndefined();
    await press("take back");
    expect(await shown("ended?")).toContain("ended: true");
    await simulator.pushed();
    await does({ type: "text", text: "hi again" });
    expect(texts(await got(4))[3]).toContain("Write 人工");
  });

  describe("09, for a failed send,", () => {
    /** The send as its user would try it, without the ten seconds between tries. */
    const send = async (fault?: Parameters<Simulator["inject"]>[0]) => {
      const somebody = follower();
      simulator.interact(somebody.openid, "message");
      if (fault) simulator.inject({ ...fault, openid: somebody.openid });
      const enter = to(somebody.openid);
      const flow = await deploy("09", (node) =>
        node.type === "delay" ? { timeout: "1", timeoutUnits: "milliseconds" } : enter(node),
      );
      await flow.press("a text");
      const tries = () => simulator.ledger.calls.filter((call) => call.openid === somebody.openid).length;
      return { ...flow, ...somebody, tries };
    };

    it("repeats what passes by itself and surely did not arrive", async () => {
      const { shown, got, tries } = await send({ kind: "errcode", errcode: 45011, times: 2 });
      expect(await shown("delivered")).toContain("delivered");
      expect(await got(1)).toHaveLength(1);
      expect(tries()).toBe(3);
    });

    it("gives up after three tries", async () => {
      const { shown, tries } = await send({ kind: "errcode", errcode: 45011, times: 9 });
      expect(await shown("needs somebody")).toContain("WECHAT_RATE");
      expect(tries()).toBe(3);
    });

    it("never repeats what may have arrived", async () => {
      const { shown, got, tries } = await send({ kind: "reset-after" });
      expect(await shown("look first")).toContain("WECHAT_RESET");
      expect(await got(1)).toHaveLength(1);
      expect(tries()).toBe(1);
    });

    it("waits for the follower where the reply window is closed", async () => {
      const { shown, tries } = await send({ kind: "errcode", errcode: 45015 });
      expect(await shown("until they write")).toMatch(/errcode: 45015/);
      expect(tries()).toBe(1);
    });

    it("shows somebody what needs a correction, with the remedy", async () => {
      const { shown, tries } = await send({ kind: "errcode", errcode: 48001 });
      expect(await shown("needs somebody")).toMatch(/errcode: 48001[\s\S]*remedy: \{|remedy: \{[\s\S]*errcode: 48001/);
      expect(await shown("status ")).toContain("wechat-oa-send.status");
      expect(tries()).toBe(1);
    });
  });
});
