import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from "node-red";
import { accountOf } from "../../lib/account.js";
import { failureOf } from "../../lib/failure.js";
import { failedMessage, forgetFailure } from "../../lib/failure-output.js";
import { closeGrace, InFlight } from "../../lib/in-flight.js";
import { withOutcome } from "../../lib/outcome.js";
import { type SendDef, settingsOf } from "../../lib/send-settings.js";
import { CHECK_ACCOUNT, NO_ACCOUNT, SendStatus } from "../../lib/send-status.js";
import { Sender, stopped } from "../../lib/sender.js";
import type { Translate } from "../../lib/texts.js";

/** `wechat-oa-send`: sends a message to a follower or several, or shows that an answer is being typed. */
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

    const onInput = async (
      msg: NodeMessageInFlow,
      send: (msg: NodeMessage | (NodeMessage | null)[]) => void,
      done: (error?: Error) => void,
    ) => {
      status.begin();
      const ended = await inFlight.track((signal) => sender.send(msg, inFlight.size, signal));
      const { facts, failure } = ended;
      status.end(facts.delivery, ended.status);
      msg.wechat = withOutcome(msg.wechat, facts);
      if (!failure) {
        if ("payload" in ended) msg.payload = ended.payload;
        forgetFailure(msg, this);
        send(msg);
        done();
        return;
      }
      const failed = config.failureOutput && !closing ? failedMessage(msg, failure, this) : undefined;
      if (failed) {
        // Dealt with by the flow, as by a Catch node: nothing goes to the log.
        send([null, failed]);
        done();
        return;
      }
      // A closing flow still has its Catch nodes, but they lead nowhere any more: the log is all that is left.
      if (closing) this.warn(`${"openid" in msg ? `${msg.openid}: ` : ""}${failure.error.message}`);
      done(failure.error);
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
