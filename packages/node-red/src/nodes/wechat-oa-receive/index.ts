import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import { accountOf } from "../../lib/account.js";
import { failureOf } from "../../lib/failure.js";
import { flowMessage } from "../../lib/incoming.js";
import { pushFilter } from "../../lib/push-filter.js";
import { CHECK_FILTER, NO_ACCOUNT, STATES } from "../../lib/receive-status.js";
import { inputError, languageOf, type Translate } from "../../lib/texts.js";

interface ReceiveDef extends NodeDef {
  account?: string;
  filter?: string;
  answer?: string;
  waitSeconds?: number | string;
}

/** WeChat hangs up after 5 s; the answer needs the rest to get there. */
const LONGEST_WAIT = 4.5;

/** `wechat-oa-receive`: what followers write on its first output, what they do on its second. */
export default function register(RED: NodeAPI): void {
  const translate: Translate = (key, parameters) => RED._(key, parameters);

  function ReceiveNode(this: Node, config: ReceiveDef): void {
    RED.nodes.createNode(this, config);
    const account = accountOf(config.account ? RED.nodes.getNode(config.account) : undefined);
    const filter = pushFilter(config.filter);
    if (!account) {
      this.status(NO_ACCOUNT);
      return;
    }
    if ("unknownWord" in filter) {
      this.status(CHECK_FILTER);
      const parameters = { word: filter.unknownWord };
      const error = inputError(translate, "wechat-oa-receive", "filterUnknown", "filter", parameters);
      this.error(failureOf(error, languageOf(translate, "wechat-oa-receive")).error);
      return;
    }
    const { receiving } = account;
    if (typeof receiving === "string") {
      this.status(STATES[receiving]);
      return;
    }
    const unsubscribe = receiving.subscribe({
      wants: filter.wants,
      waits: waitOf(config),
      emit: (message, requestId) => {
        const msg: NodeMessage & object = { ...flowMessage(message, requestId) };
        this.send(message.type === "event" ? [null, msg] : [msg, null]);
      },
      show: (state) => this.status(STATES[state]),
    });
    this.on("close", () => {
      unsubscribe();
      this.status({});
    });
  }

  RED.nodes.registerType("wechat-oa-receive", ReceiveNode);
}

/** Milliseconds that WeChat's request may wait for a passive reply. */
function waitOf({ answer, waitSeconds }: ReceiveDef): number {
  if (answer !== "wait") return 0;
  const seconds = Number(waitSeconds ?? LONGEST_WAIT);
  return 1000 * (seconds > 0 ? Math.min(seconds, LONGEST_WAIT) : LONGEST_WAIT);
}
