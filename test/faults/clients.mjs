// Clients of core, and the ways on which their requests come to the wire.
import { RAPID_RETRY, WeChatClient } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { Agent } from "undici";
import { TIMEOUT } from "./mix.mjs";
import { PART_BYTES } from "./plan.mjs";

/** How a client is told to repeat. */
export const MODES = {
  default: {},
  strict: { retryBusy: false },
  "at-least-once": { atLeastOnce: true, busyRetry: { retries: 40, baseDelay: 2, maxDelay: 300 }, deadline: 50_000 },
};

/** Where nobody listens. */
const DEAD = "http://127.0.0.1:9";
/** A name that cannot be resolved. */
const NAMELESS = "http://nameless.invalid";

/** Each gives the options by which a client comes to `port`. */
const ROUTES = {
  /** Core's own connections. */
  direct: ({ port }) => ({ baseUrl: `http://127.0.0.1:${port}` }),
  /** WeChat's hosts: the primary one, and sometimes also those that stand in for it, is dead for a while. */
  hosts: ({ port, random }) => {
    const agent = agentWith(random, 0);
    const primary = spells(random, 0.01, [DEAD, NAMELESS]);
    const backups = spells(random, 0.002, [DEAD]);
    const dispatcher = {
      dispatch: (options, handler) => {
        const trouble = String(options.origin) === "https://api.weixin.qq.com" ? primary() : backups();
        return agent.dispatch({ ...options, origin: trouble ?? `http://127.0.0.1:${port}` }, handler);
      },
    };
    return { dispatcher, close: () => agent.close() };
  },
  /** A name that its server sometimes does not know. */
  names: ({ port, random }) => {
    const dispatcher = agentWith(random, 0.1);
    return { baseUrl: `http://wechat.invalid:${port}`, dispatcher, close: () => dispatcher.close() };
  },
};

export function createClient({ route, mode, port, random }) {
  const { close: closeRoute = () => {}, ...way } = ROUTES[route]({ port, random });
  const client = new WeChatClient({
    appId: DEFAULT_APP_ID,
    appSecret: DEFAULT_APP_SECRET,
    timeout: TIMEOUT,
    deadline: 5_000,
    maxTextBytes: PART_BYTES,
    busyRetry: RAPID_RETRY,
    tokenRetry: RAPID_RETRY,
    ...MODES[mode],
    ...way,
  });
  const close = async () => {
    await client.close();
    await closeRoute();
  };
  return { messages: client.messages, close };
}

/** An undici agent whose names all lead here, except one, and except with probability `failing`. */
function agentWith(random, failing) {
  const lookup = (name, { all }, callback) => {
    if (NAMELESS.endsWith(name) || random() < failing) {
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }));
    } else if (all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
    else callback(null, "127.0.0.1", 4);
  };
  return new Agent({ connections: 64, connect: { lookup } });
}

/** Trouble that comes with probability `rate` for each call and stays for up to 50 of them. */
function spells(random, rate, troubles) {
  let left = 0;
  let trouble;
  return () => {
    if (left > 0) left--;
    else if (random() < rate) {
      left = Math.floor(random() * 50);
      trouble = troubles[Math.floor(random() * troubles.length)];
    } else trouble = undefined;
    return trouble;
  };
}
