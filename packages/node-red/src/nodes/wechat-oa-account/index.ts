import { MemoryStore } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { ACCOUNT, type Account } from "../../lib/account.js";
import type { AccountSettings } from "../../lib/account-settings.js";
import { FlowsGate } from "../../lib/flows-gate.js";
import { openAccount } from "../../lib/open-account.js";
import type { Translate } from "../../lib/texts.js";

type AccountCredentials = Pick<AccountSettings, "appSecret" | "callbackToken" | "encodingAESKey">;
type AccountDef = NodeDef & Pick<AccountSettings, "appId" | "baseUrl" | "tokenSource" | "callbackPath" | "inbox">;
type AccountNode = Node<AccountCredentials> & { [ACCOUNT]?: Account };

/** `wechat-oa-account`: one Official Account, its client, token, callback and inbox, shared by the nodes that use it. */
export default function register(RED: NodeAPI): void {
  const translate: Translate = (key, parameters) => RED._(key, parameters);
  // From the beginning, so that no start of the flows is missed.
  FlowsGate.of(RED.events);
  const memory = new MemoryStore();

  function AccountNode(this: AccountNode, config: AccountDef): void {
    RED.nodes.createNode(this, config);
    const { appId, baseUrl, tokenSource, callbackPath, inbox } = config;
    const { appSecret, callbackToken, encodingAESKey } = this.credentials ?? {};
    const settings = { appId, appSecret, baseUrl, tokenSource, callbackToken, encodingAESKey, callbackPath, inbox };
    const { account, close } = openAccount(settings, { RED, node: this, translate, memory });
    this[ACCOUNT] = account;
    this.on("close", (done: () => void) => {
      close().finally(done);
    });
  }

  RED.nodes.registerType("wechat-oa-account", AccountNode, {
    credentials: {
      appSecret: { type: "password" },
      callbackToken: { type: "password" },
      encodingAESKey: { type: "password" },
    },
  });
}
