import type { Node, NodeAPI, NodeDef, NodeMessage, NodeStatus } from "node-red";
import { accountOf } from "../../lib/account.js";
import { failureOf } from "../../lib/failure.js";
import { followerFilter } from "../../lib/follower-filter.js";
import { flowMessage } from "../../lib/incoming.js";
import { pushFilter } from "../../lib/push-filter.js";
import { CHECK_FILTER, CHECK_LISTS, NO_ACCOUNT, ReceiveStatus, STATES } from "../../lib/receive-status.js";
import { type ErrorName, inputError, languageOf, type Translate } from "../../lib/texts.js";

interface ReceiveDef extends NodeDef {
  account?: string;
  filter?: string;
  answer?: string;
  waitSeconds?: number | string;
  allow?: string;
  block?: string;
  window?: boolean;
}

const TYPE = "wechat-oa-receive";

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
    const refuse = (status: NodeStatus, name: ErrorName<typeof TYPE>, field: string, parameters: object) => {
      this.status(status);
      this.error(
        failureOf(inputError(translate, TYPE, name, field, { ...parameters }), languageOf(translate, TYPE)).error,
      );
    };
    if ("unknownWord" in filter) {
      refuse(CHECK_FILTER, "filterUnknown", "filter", { word: filter.unknownWord });
      return;
    }
    const variable = (name: string): unknown => RED.util.evaluateNodeProperty(name, "env", this, {});
    const lists = { allow: listInFlow(RED, this, "allow", config), block: listInFlow(RED, this, "block", config) };
    const followers = followerFilter(lists, variable);
    if ("problem" in followers) {
      refuse(CHECK_LISTS, followers.problem, followers.list, { word: followers.word });
      return;
    }
    const { receiving } = account;
    if (typeof receiving === "string") {
      this.status(STATES[receiving]);
      return;
    }
    const status = new ReceiveStatus((shown) => this.status(shown));
    const unsubscribe = receiving.subscribe({
      wants: (message) => followers.hears(message.openid) && filter.wants(message),
      waits: waitOf(config),
      asksWindow: config.window ?? false,
      emit: (message, beside) => {
        const msg: NodeMessage & object = { ...flowMessage(message, beside) };
        this.send(message.type === "event" ? [null, msg] : [msg, null]);
        status.heard(new Date());
      },
      show: (state) => status.state(state),
    });
    this.on("close", () => {
      unsubscribe();
      this.status({});
    });
  }

  RED.nodes.registerType(TYPE, ReceiveNode);
}

/** Milliseconds that WeChat's request may wait for a passive reply. */
function waitOf({ answer, waitSeconds }: ReceiveDef): number {
  if (answer !== "wait") return 0;
  const seconds = Number(waitSeconds ?? LONGEST_WAIT);
  return 1000 * (seconds > 0 ? Math.min(seconds, LONGEST_WAIT) : LONGEST_WAIT);
}

/**
 * A list as the flow has it. Node-RED puts a variable's value in the place of a `${NAME}` that stands alone, also an
 * empty one, and an empty list would let everybody in.
 */
function listInFlow(RED: NodeAPI, node: Node, list: "allow" | "block", config: ReceiveDef): unknown {
  if (config[list]) return config[list];
  // A node of a subflow is known by that of its template.
  const ids = new Set<unknown>([node.id, Reflect.get(node, "_alias")]);
  let raw: unknown;
  RED.nodes.eachNode((def) => {
    if (ids.has(def.id)) raw = Reflect.get(def, list);
  });
  return raw ?? config[list];
}
