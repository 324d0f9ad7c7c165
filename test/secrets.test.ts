import { inspect } from "node:util";
import { DEFAULT_APP_ID, DEFAULT_FOLLOWER, FAULT_KINDS } from "@wechat-offiaccount/simulator";
import { describe, expect, it } from "vitest";
import { clientOf, simulated } from "./support/desk.js";
import { FILES } from "./support/files.js";

const SECRET = "5e9714e15e9714e15e9714e15e9714e1";

/** Every form in which a program may print a value. */
const shown = (value: unknown) =>
  [
    inspect(value, { depth: 20, showHidden: true, getters: true }),
    String(value),
    JSON.stringify(value),
    value instanceof Error ? value.stack : "",
  ].join("\n");

describe("no failure shows AppSecret or access token", () => {
  const accounts = [{ appId: DEFAULT_APP_ID, secret: SECRET }];

  it.each(["stable", "classic"] as const)("of a send with the %s token source", async (tokenSource) => {
    const simulator = await simulated({ accounts });
    const { messages } = clientOf(simulator, { appSecret: SECRET, tokenSource, timeout: 100, tokenRetry: undefined });
    await messages.sendText(DEFAULT_FOLLOWER, "hi");
    const token = simulator.tokens.forceRefresh();
    for (const kind of FAULT_KINDS) {
      simulator.inject({ kind, times: 10, delayMs: 0, ...(kind === "errcode" && { errcode: 40014 }) });
      const outcome = await messages.sendText(DEFAULT_FOLLOWER, "hi").catch((error) => error);
      simulator.clearFaults();
      expect(shown(outcome), kind).not.toContain(SECRET);
      expect(shown(outcome), kind).not.toContain(token);
    }
  });

  it.each(["stable", "classic"] as const)("of the %s token endpoint", async (tokenSource) => {
    for (const kind of FAULT_KINDS) {
      const simulator = await simulated({ accounts });
      const settings = { appSecret: SECRET, tokenSource, timeout: 100 };
      simulator.inject({ kind, path: "*", times: 10, ...(kind === "errcode" && { errcode: 40164 }) });
      const outcome = await clientOf(simulator, settings)
        .messages.sendText(DEFAULT_FOLLOWER, "hi")
        .catch((error) => error);
      expect(shown(outcome), kind).not.toContain(SECRET);
    }
  });

  it("of a host that is not there, a proxy with a password, and a server that echoes the request", async () => {
    const simulator = await simulated({ accounts });
    const password = "pr0xy-pa55word";
    const echo = {
      kind: "errcode",
      errcode: 40013,
      errmsg: `invalid appid secret=${SECRET} ${SECRET}`,
      path: "*",
    } as const;
    simulator.inject({ ...echo, times: 10 });
    for (const settings of [
      { baseUrl: "http://127.0.0.1:9" },
      { proxy: `http://user:${password}@127.0.0.1:9` },
      { proxy: `http://user:${password}@${simulator.url.slice("http://".length)}` },
      {},
    ]) {
      const client = clientOf(simulator, { appSecret: SECRET, ...settings });
      const outcome = await client.messages.sendText(DEFAULT_FOLLOWER, "hi").catch((error) => error);
      expect(outcome).toMatchObject({ delivery: "not-delivered" });
      for (const text of [shown(outcome), shown(client)]) {
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain(password);
      }
    }
  });

  it("of the call that clears the quota with the secret itself", async () => {
    for (const kind of FAULT_KINDS) {
      const simulator = await simulated({ accounts });
      const { quota } = clientOf(simulator, { appSecret: SECRET, timeout: 100 });
      const errmsg = `invalid appsecret ${SECRET}`;
      simulator.inject({ kind, path: "*", times: 10, ...(kind === "errcode" && { errcode: 40125, errmsg }) });
      const input = { appId: DEFAULT_APP_ID, appSecret: SECRET };
      const outcome = await quota.clearWithSecret(input).catch((error) => error);
      expect(shown(outcome), kind).not.toContain(SECRET);
    }
  });

  it("of a file that is uploaded or downloaded", async () => {
    const simulator = await simulated({ accounts });
    const { media } = clientOf(simulator, { appSecret: SECRET, timeout: 100 });
    const { mediaId } = await media.upload("image", FILES.png());
    const token = simulator.tokens.forceRefresh();
    const file = await media.download(mediaId);
    expect(shown(file)).not.toContain(token);
    for (const kind of FAULT_KINDS) {
      simulator.inject({ kind, path: "*", times: 10, delayMs: 0, ...(kind === "errcode" && { errcode: 40014 }) });
      const stream = (async function* () {
        yield FILES.png();
      })();
      const outcomes = [
        await media.upload("image", { stream, length: 100 }).catch((error) => error),
        await media.download(mediaId).catch((error) => error),
      ];
      simulator.clearFaults();
      expect(shown(outcomes), kind).not.toContain(SECRET);
      expect(shown(outcomes), kind).not.toContain(simulator.tokens.forceRefresh());
      expect(shown(outcomes), kind).not.toContain(token);
    }
  });

  it("of a token source of one's own", async () => {
    const simulator = await simulated({ accounts });
    const tokenSource = async () => {
      throw new Error(`GET https://central?access_token=${SECRET} failed`);
    };
    const outcome = await clientOf(simulator, { tokenSource })
      .messages.sendText(DEFAULT_FOLLOWER, "hi")
      .catch((error) => error);
    expect(outcome).toMatchObject({ code: "WECHAT_TOKEN_SOURCE", delivery: "not-delivered" });
    expect(shown(outcome)).not.toContain(SECRET);
  });
});
