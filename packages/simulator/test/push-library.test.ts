import { createRequire } from "node:module";
import { CALLBACK_MODES, DEFAULT_APP_ID, DEFAULT_FOLLOWER } from "@wechat-offiaccount/simulator";
import { expect, it } from "vitest";
import { AES_KEY, desk, TOKEN } from "./receiver.js";

/** What is used of node-easywechat, a public SDK from npm. Its index does not load with the newest node-socialite. */
interface SdkServer {
  with(handler: (message: { get(name: string): unknown }) => unknown): void;
  serve(): Promise<{ getBody(): { toString(): string } }>;
}
type SdkRequestClass = new (method: string, url: string, headers: object, body: string) => object;
type SdkEncryptorClass = new (appId: string, token: string, aesKey: string, receiveId: string) => object;
type SdkServerClass = new (request: object, encryptor: object | null) => SdkServer;

const load = createRequire(import.meta.url);
const SdkRequest = load("node-easywechat/dist/Core/Http/ServerRequest") as SdkRequestClass;
const SdkEncryptor = load("node-easywechat/dist/Core/Encryptor") as SdkEncryptorClass;
const Server = load("node-easywechat/dist/OfficialAccount/Server") as SdkServerClass;

it.each(CALLBACK_MODES)(
  "a public SDK reads a push, checks its signature and answers it: mode %s",
  async (callbackMode) => {
    const key = callbackMode === "plain" ? {} : { encodingAesKey: AES_KEY };
    const { sim, receiver, push } = await desk({ callbackMode, ...key });
    const heard: unknown[] = [];
    receiver.answer = async ({ method, query, headers, body }) => {
      const encryptor = new SdkEncryptor(DEFAULT_APP_ID, TOKEN, AES_KEY, DEFAULT_APP_ID);
      const request = new SdkRequest(method, `/wechat?${query}`, headers, body);
      const server = new Server(request, callbackMode === "plain" ? null : encryptor);
      server.with((message) => {
        heard.push(message.get("Content"), message.get("MsgId"));
        return `你说：${message.get("Content")}`;
      });
      return (await server.serve()).getBody().toString();
    };
    const { msgId } = sim.act(DEFAULT_FOLLOWER, { type: "text", text: "你好 <b>&]]>" });
    await sim.pushed();
    expect(push().problem).toBeUndefined();
    expect(heard).toEqual(["你好 <b>&]]>", msgId]);
    expect(push().tries[0]?.answer).toMatch(callbackMode === "plain" ? /<MsgType>/ : /<MsgSignature>/);
    expect(sim.ledger.messages.map(({ text }) => text)).toEqual(["你说：你好 <b>&]]>"]);
  },
);
