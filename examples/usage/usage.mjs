// What a program calls, how it ends and how long it takes, by endpoint; and a warning where one of WeChat's limits is
// near or reached. It listens to what every client in the process publishes: nothing in your own calls changes.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CALL_CHANNEL, explainError, WeChatError } from "@wechat-offiaccount/core";

/** The limits that a program runs into: calls of the day, calls of the minute, replies to one follower. */
const LIMITS = new Set([45009, 45011, 45047]);
/** Warns when less than this share of the day's calls is left. */
const LITTLE = 0.1;

/**
 * Counts from now on.
 * @param {(line: string) => void} warn gets each warning once
 */
export function watchUsage(warn) {
  const endpoints = new Map();
  const warned = new Set();
  const warnOnce = (key, line) => {
    if (!warned.has(key)) warn(line);
    warned.add(key);
  };

  /** @param {import("@wechat-offiaccount/core").CallEvent} event one attempt; a repeated call has several */
  const count = ({ endpoint, duration, errcode, code }) => {
    const seen = endpoints.get(endpoint) ?? { calls: 0, ends: new Map(), total: 0, slowest: 0 };
    endpoints.set(endpoint, seen);
    const end = errcode ?? code;
    seen.calls++;
    seen.ends.set(end, (seen.ends.get(end) ?? 0) + 1);
    seen.total += duration;
    seen.slowest = Math.max(seen.slowest, duration);
    if (!LIMITS.has(errcode)) return;
    const { meaning, remedy } = explainError(errcode);
    warnOnce(`${endpoint} ${errcode}`, `${endpoint}: ${errcode} ${meaning.en}. ${remedy.en} ${remedy.zh}`);
  };
  subscribe(CALL_CHANNEL, count);

  return {
    /** One line an endpoint, the busiest first. */
    report: () =>
      [...endpoints]
        .sort(([, a], [, b]) => b.calls - a.calls)
        .map(([endpoint, { calls, ends, total, slowest }]) => {
          const how = [...ends].map(([end, times]) => `${end}: ${times}`).join(", ");
          const average = (total / calls).toFixed(1);
          return `${endpoint}  ${calls} ${calls === 1 ? "call" : "calls"} (${how})  ${average} ms on average, ${slowest.toFixed(1)} ms at most`;
        }),

    /** Asks WeChat what is left of the day's calls to each path that was called, tokens too; costs one call a path. */
    async checkQuota(client) {
      for (const endpoint of [...endpoints.keys()]) {
        const path = endpoint.slice(endpoint.indexOf("/"));
        try {
          const { remaining, dailyLimit } = await client.quota.get({ path });
          if (remaining >= dailyLimit * LITTLE) continue;
          warnOnce(
            `${path} quota`,
            `${path}: ${remaining} of ${dailyLimit} calls are left today. 今日剩余调用次数不多。`,
          );
        } catch (error) {
          // Of some paths WeChat tells no limit (76021, 76022).
          if (!(error instanceof WeChatError) || ![76021, 76022].includes(error.errcode)) throw error;
        }
      }
    },

    stop: () => unsubscribe(CALL_CHANNEL, count),
  };
}
