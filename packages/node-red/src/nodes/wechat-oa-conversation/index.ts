import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow, NodeStatus } from "node-red";
import { accountOf } from "../../lib/account.js";
import { CHECK_ACCOUNT, doneStatus, NO_ACCOUNT, troubleStatus, WORKING } from "../../lib/conversation-status.js";
import { type ConversationSettings, ConversationWork } from "../../lib/conversation-work.js";
import { troubleOf } from "../../lib/failure.js";
import { closeGrace, InFlight } from "../../lib/in-flight.js";
import { withOutcome } from "../../lib/outcome.js";
import { languageOf, type Translate } from "../../lib/texts.js";

interface ConversationDef extends NodeDef {
  account?: string;
  action?: string;
  openid?: string;
  openidType?: string;
  agent?: string;
  agentType?: string;
  cursor?: string;
  cursorType?: string;
  limit?: number | string;
  messages?: number | string;
  unreadOnly?: boolean;
  openOnly?: boolean;
}

/** `wechat-oa-conversation`: looks up conversations, marks them as read, hands them to human agents and takes them back. */
export default function register(RED: NodeAPI): void {
  const translate: Translate = (key, parameters) => RED._(key, parameters);
  const language = () => languageOf(translate, "wechat-oa-conversation");

  function ConversationNode(this: Node, config: ConversationDef): void {
    RED.nodes.createNode(this, config);
    const account = accountOf(config.account ? RED.nodes.getNode(config.account) : undefined);
    const inFlight = new InFlight();
    const work = new ConversationWork(RED, this, account, settingsOf(config), translate);
    let closing = false;

    const show = (status: NodeStatus) => {
      if (!closing) this.status(status);
    };

    if (!account) show(NO_ACCOUNT);
    else if (account.problem) show(CHECK_ACCOUNT);

    const onInput = async (msg: NodeMessageInFlow, send: (msg: NodeMessage) => void, done: (error?: Error) => void) => {
      show(WORKING);
      try {
        const { payload, older, status } = await inFlight.track((signal) => work.run(msg, signal));
        msg.payload = payload;
        msg.wechat = withOutcome(msg.wechat, older === undefined ? {} : { older });
        show(doneStatus(status));
      } catch (thrown) {
        const { details, error } = troubleOf(thrown, language());
        msg.wechat = withOutcome(msg.wechat, { error: details });
        show(troubleStatus(thrown, translate));
        // A closing flow still has its Catch nodes, but they lead nowhere any more: the log is all that is left.
        if (closing) this.warn(error.message);
        done(error);
        return;
      }
      send(msg);
      done();
    };

    this.on("input", (msg, send, done) => {
      // A rejection here would end the Node-RED process; what is left to reject is a frozen msg or a hook that throws.
      onInput(msg, send, done).catch((error: unknown) => this.error(troubleOf(error, "en").error));
    });

    this.on("close", (done: () => void) => {
      closing = true;
      this.status({});
      // Core tells of a call that was broken off itself, and whether it had left.
      inFlight.drain(closeGrace(RED.settings), () => undefined).finally(done);
    });
  }

  RED.nodes.registerType("wechat-oa-conversation", ConversationNode);
}

/** The dialog's values, with its defaults where a flow written by hand lacks them. */
function settingsOf(config: ConversationDef): ConversationSettings {
  return {
    action: config.action ?? "lookUp",
    openid: { type: config.openidType ?? "msg", value: config.openid ?? "openid" },
    agent: { type: config.agentType ?? "str", value: config.agent ?? "" },
    cursor: { type: config.cursorType ?? "str", value: config.cursor ?? "" },
    limit: config.limit ?? 50,
    messages: config.messages ?? 0,
    unreadOnly: config.unreadOnly ?? false,
    openOnly: config.openOnly ?? false,
  };
}
