import type { Diagnosis, PartResult, WeChatClient } from "@wechat-offiaccount/core";
import type { ToolAccount } from "../../src/tools/account-tools.js";

type Messages = WeChatClient["messages"];
type Templates = WeChatClient["templates"];
type Sessions = WeChatClient["sessions"];

/** What a fake client does in place of succeeding. */
export interface Behaviour {
  sendText?: Messages["sendText"];
  planText?: Messages["planText"];
  send?: Messages["send"];
  setTyping?: Messages["setTyping"];
  sendTemplate?: Templates["send"];
  listTemplates?: Templates["list"];
  handOver?: Sessions["handOver"];
}

const DELIVERED: readonly PartResult[] = [{ index: 0, delivery: "delivered", errcode: 0 }];
const SENT = { delivery: "delivered", parts: DELIVERED, answer: { errcode: 0, errmsg: "ok" } } as const;

/** A client that does as it is told and remembers how it was called. */
export function fakeClient(behaviour: Behaviour = {}) {
  const sent: Parameters<Messages["sendText"]>[] = [];
  const planned: Parameters<Messages["planText"]>[] = [];
  /** Calls of all methods but those of texts: name and arguments. */
  const calls: [method: string, ...given: unknown[]][] = [];
  const client: ToolAccount["client"] = {
    media: { download: () => Promise.reject(new Error("no media here")) },
    users: { getMany: async () => [], tags: async () => [] },
    diagnose: async (): Promise<Diagnosis> => ({ ok: true, checks: [] }),
    messages: {
      async sendText(...call) {
        sent.push(call);
        return behaviour.sendText ? behaviour.sendText(...call) : SENT;
      },
      planText(...call) {
        planned.push(call);
        return behaviour.planText ? behaviour.planText(...call) : { parts: [call[1]] };
      },
      async send(...call) {
        calls.push(["send", ...call]);
        return behaviour.send ? behaviour.send(...call) : SENT;
      },
      async setTyping(...call) {
        calls.push(["setTyping", ...call]);
        return behaviour.setTyping?.(...call);
      },
    },
    templates: {
      async send(...call) {
        calls.push(["templates.send", ...call]);
        return behaviour.sendTemplate ? behaviour.sendTemplate(...call) : { messageId: "1" };
      },
      async list(...call) {
        calls.push(["templates.list", ...call]);
        return behaviour.listTemplates ? behaviour.listTemplates(...call) : [];
      },
    },
    sessions: {
      async handOver(...call) {
        calls.push(["handOver", ...call]);
        const [{ openid, account = "alice@shop" }] = call;
        return behaviour.handOver ? behaviour.handOver(...call) : { openid, account };
      },
    },
  };
  return { client, sent, planned, calls };
}
