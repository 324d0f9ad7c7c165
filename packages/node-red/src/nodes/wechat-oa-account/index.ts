import { WeChatClient, WeChatError } from "@wechat-offiaccount/core";
import type { Node, NodeAPI, NodeDef } from "node-red";
import { ACCOUNT, type Account } from "../../lib/account.js";
import { type AccountSettings, accountOptions } from "../../lib/account-settings.js";
import { failureOf } from "../../lib/failure.js";
import { closeGrace, within } from "../../lib/in-flight.js";
import { RecipientQueue } from "../../lib/recipient-queue.js";
import { languageOf, type Translate } from "../../lib/texts.js";

interface AccountCredentials {
  appSecret?: unknown;
}
type AccountDef = NodeDef & Pick<AccountSettings, "appId" | "baseUrl" | "tokenSource">;
type AccountNode = Node<AccountCredentials> & { [ACCOUNT]?: Account };

/**
 * Followers served at the same time. Below the client's 256 connections, so that the time limit of a send is not
 * spent waiting for a connection.
 */
const CONCURRENCY = 100;

/** `wechat-oa-account`: one Official Account, its client and its token, shared by the nodes that use it. */
export default function register(RED: NodeAPI): void {
  const translate: Translate = (key, parameters) => RED._(key, parameters);

  function openAccount(settings: AccountSettings): Account {
    const queue = new RecipientQueue(CONCURRENCY);
    const checked = accountOptions(settings, translate);
    if ("problem" in checked) return { queue, problem: checked.problem };
    try {
      return { queue, client: new WeChatClient(checked.options) };
    } catch (error) {
      if (error instanceof WeChatError) return { queue, problem: error };
      throw error;
    }
  }

  function AccountNode(this: AccountNode, config: AccountDef): void {
    RED.nodes.createNode(this, config);
    const account = openAccount({
      appId: config.appId,
      appSecret: this.credentials?.appSecret,
      baseUrl: config.baseUrl,
      tokenSource: config.tokenSource,
    });
    this[ACCOUNT] = account;
    if (account.problem) {
      this.error(failureOf(account.problem, languageOf(translate, "wechat-oa-account")).error);
    }

    this.on("close", (done: () => void) => {
      // Nodes that use this account are closed at the same time, not before it: they get the time to finish and to
      // abort what is left (closeGrace each), and only then the connections end.
      const grace = closeGrace(RED.settings);
      within(2 * grace, account.queue.idle())
        .then(() => account.client && within(grace, account.client.close()))
        .catch((error: unknown) => this.warn(failureOf(error, "en").error))
        .finally(done);
    });
  }

  RED.nodes.registerType("wechat-oa-account", AccountNode, { credentials: { appSecret: { type: "password" } } });
}
