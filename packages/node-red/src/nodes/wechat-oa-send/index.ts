import type { Node, NodeAPI, NodeDef, NodeMessage, NodeMessageInFlow } from "node-red";
import { accountOf } from "../../lib/account.js";
import { failureOf } from "../../lib/failure.js";
import { closeGrace, InFlight } from "../../lib/in-flight.js";
import { withOutcome } from "../../lib/outcome.js";
import { CHECK_ACCOUNT, DELIVERED, failureStatus, NO_ACCOUNT, SendStatus } from "../../lib/send-status.js";
import { Sender, type SenderSettings, stopped } from "../../lib/sender.js";
import { languageOf, type Translate } from "../../lib/texts.js";

interface SendDef extends NodeDef {
  account?: string;
  recipient?: string;
  recipientType?: string;
  content?: string;
  contentType?: string;
  split?: boolean;
  aiGenerated?: boolean;
  customerServiceAccount?: string;
  passive?: boolean;
}

/** `wechat-oa-send`: sends a text or another message to a follower. */
export default function register(RED: NodeAPI): void {
  const translate: Translate = (key, parameters) => RED._(key, parameters);

  function SendNode(this: Node, config: SendDef): void {
    RED.nodes.createNode(this, config);
    const account = accountOf(config.account ? RED.nodes.getNode(config.account) : undefined);
    const inFlight = new InFlight();
    const status = new SendStatus((shown) => this.status(shown));
    let closing = false;
    const sender = new Sender(RED, this, account, settingsOf(config), translate);

    if (!account) this.status(NO_ACCOUNT);
    else if (account.problem) this.status(CHECK_ACCOUNT);

    /** Never rejects: every way a message can end is in what it returns. */
    const attempt = async (msg: NodeMessage) => {
      try {
        return { result: await inFlight.track((signal) => sender.send(msg, inFlight.size, signal)) };
      } catch (error) {
        return { failure: failureOf(error, languageOf(translate, "wechat-oa-send")) };
      }
    };

    const onInput = async (msg: NodeMessageInFlow, send: (msg: NodeMessage) => void, done: (error?: Error) => void) => {
      status.begin();
      const { result, failure } = await attempt(msg);
      if (result) {
        status.end("delivered", DELIVERED);
        msg.payload = result.answer;
        const { delivery, parts, way } = result;
        msg.wechat = withOutcome(msg.wechat, { delivery, parts, ...(way && { way }) });
        send(msg);
        done();
      } else {
        const { delivery, parts, details, error } = failure;
        status.end(delivery, failureStatus(failure, translate));
        msg.wechat = withOutcome(msg.wechat, { delivery, parts, error: details });
        // A closing flow still has its Catch nodes, but they lead nowhere any more: the log is all that is left.
        if (closing) this.warn(error.message);
        done(error);
      }
    };

    this.on("input", (msg, send, done) => {
      // A rejection here would end the Node-RED process; what is left to reject is a frozen msg or a hook that throws.
      onInput(msg, send, done).catch((error: unknown) => this.error(failureOf(error, "en").error));
    });

    this.on("close", (done: () => void) => {
      closing = true;
      inFlight
        .drain(closeGrace(RED.settings), () => stopped(translate))
        .finally(() => {
          status.close();
          done();
        });
    });
  }

  RED.nodes.registerType("wechat-oa-send", SendNode);
}

/** The dialog's values, with its defaults where a flow written by hand lacks them. */
function settingsOf(config: SendDef): SenderSettings {
  return {
    recipient: { type: config.recipientType ?? "msg", value: config.recipient ?? "openid" },
    content: { type: config.contentType ?? "msg", value: config.content ?? "payload" },
    passive: config.passive ?? false,
    options: {
      split: config.split ?? true,
      aiGenerated: config.aiGenerated ?? false,
      ...(config.customerServiceAccount?.trim() && { customerServiceAccount: config.customerServiceAccount.trim() }),
    },
  };
}
