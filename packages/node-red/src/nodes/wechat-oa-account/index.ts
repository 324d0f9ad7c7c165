import { MemoryStore } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { ACCOUNT, type Account } from "../../lib/account.js";
import { type AccountField, type AccountSettings, CREDENTIALS, PROPERTIES } from "../../lib/account-settings.js";
import { FlowsGate } from "../../lib/flows-gate.js";
import { callbackState, openAccount } from "../../lib/open-account.js";
import { type Deployed, serveConnectionTest } from "../../lib/test-route.js";
import type { Translate } from "../../lib/texts.js";

type AccountCredentials = Pick<AccountSettings, (typeof CREDENTIALS)[number]>;
type AccountDef = NodeDef & Pick<AccountSettings, (typeof PROPERTIES)[number]>;
type AccountNode = Node<AccountCredentials> & { [ACCOUNT]?: Account };

/** `wechat-oa-account`: one Official Account, its client, token, callback and inbox, shared by the nodes that use it. */
export default function register(RED: NodeAPI): void {
  const translate: Translate = (key, parameters) => RED._(key, parameters);
  // From the beginning, so that no start of the flows is missed.
  FlowsGate.of(RED.events);
  const memory = new MemoryStore();
  const running = new Map<string, Deployed>();
  serveConnectionTest(RED, running);

  function AccountNode(this: AccountNode, config: AccountDef): void {
    RED.nodes.createNode(this, config);
    const settings = { ...picked(config, PROPERTIES), ...picked(this.credentials ?? {}, CREDENTIALS) };
    const { account, close } = openAccount(settings, { RED, node: this, translate, memory });
    this[ACCOUNT] = account;
    running.set(this.id, { node: this, settings });
    this.on("close", (done: () => void) => {
      running.delete(this.id);
      close().finally(done);
    });
  }

  RED.nodes.registerType("wechat-oa-account", AccountNode, {
    settings: {
      // For the dialog. The editor has httpNodeRoot as "/" where it is false.
      wechatOaAccountCallback: { value: callbackState(RED.settings), exportable: true },
    },
    credentials: {
      appSecret: { type: "password" },
      proxy: { type: "password" },
      callbackToken: { type: "password" },
      encodingAESKey: { type: "password" },
      redisUrl: { type: "password" },
    },
  });
}

function picked(from: AccountSettings, fields: readonly AccountField[]): AccountSettings {
  return Object.fromEntries(fields.map((field) => [field, from[field]]));
}
