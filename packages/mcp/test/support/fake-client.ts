import type { Diagnosis } from "@wechat-offiaccount/core";
import type { ToolAccount } from "../../src/tools/account-tools.js";
import type { TextSender } from "../../src/tools/send-wechat-text.js";

type SendText = TextSender["messages"]["sendText"];
type PlanText = TextSender["messages"]["planText"];

/** A client that does as it is told and remembers how it was called. */
export function fakeClient(behaviour: { sendText?: SendText; planText?: PlanText } = {}) {
  const sent: Parameters<SendText>[] = [];
  const planned: Parameters<PlanText>[] = [];
  const client: ToolAccount["client"] = {
    diagnose: async (): Promise<Diagnosis> => ({ ok: true, checks: [] }),
    messages: {
      async sendText(...call) {
        sent.push(call);
        if (behaviour.sendText) return behaviour.sendText(...call);
        return {
          delivery: "delivered",
          parts: [{ index: 0, delivery: "delivered", errcode: 0 }],
          answer: { errcode: 0, errmsg: "ok" },
        };
      },
      planText(...call) {
        planned.push(call);
        return behaviour.planText ? behaviour.planText(...call) : { parts: [call[1]] };
      },
    },
  };
  return { client, sent, planned };
}
