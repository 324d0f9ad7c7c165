// Clients of core, and the ways on which their requests come to the wire.
import { RAPID_RETRY, WeChatClient } from "@wechat-offiaccount/core";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { Agent } from "undici";
import { DOORS } from "./doors.mjs";
import { HANGS, TIMEOUT } from "./mix.mjs";

/**
 * How a client is told to repeat. What at-least-once owes ends with its deadline and its repetitions: here neither ends
 * before a batch that stands still is held to hang, however little of the machine is left for it.
 */
const MODES = {
  default: {},
  strict: { retryBusy: false },
  "at-least-once": {
    atLeastOnce: true,
    busyRetry: { retries: 1_000_000, baseDelay: 2, maxDelay: 300 },
    deadline: 10 * HANGS,
  },
};

/** Where nobody listens. */
const DEAD = "http://127.0.0.1:9";
/** A name that cannot be resolved. */
const NAMELESS = "http://nameless.invalid";

/** Each gives the options by which a client comes to "WeChat". */
const ROUTES = {
  /** Core's own connections. */
  direct: ({ baseUrls }) => ({ baseUrl: baseUrls.plain }),
  /** The same under TLS; the certificate is trusted through NODE_EXTRA_CA_CERTS. */
  tls: ({ baseUrls }) => ({ baseUrl: baseUrls.tls }),
  /** WeChat's hosts: the primary one, and sometimes also those that stand in for it, is dead for a while. */
  hosts: ({ baseUrls, random }) => {
    const agent = agentWith(random, 0);
    const primary = spells(random, 0.01, [DEAD, NAMELESS]);
    const backups = spells(random, 0.002, [DEAD]);
    const dispatcher = {
      dispatch: (options, handler) => {
        const trouble = String(options.origin) === "https://api.weixin.qq.com" ? primary() : backups();
        return agent.dispatch({ ...options, origin: trouble ?? baseUrls.plain }, handler);
      },
    };
    return { dispatcher, close: () => agent.close() };
  },
  /** A name that its server sometimes does not know. */
  names: ({ baseUrls, random }) => {
    const dispatcher = agentWith(random, 0.1);
    return {
      baseUrl: `http://wechat.invalid:${new URL(baseUrls.plain).port}`,
      dispatcher,
      close: () => dispatcher.close(),
    };
  },
};

export function createClient({ route, mode, baseUrls, random }) {
  const { close: closeRoute = () => {}, ...way } = ROUTES[route]({ baseUrls, random });
  const client = new WeChatClient({
    appId: DEFAULT_APP_ID,
    appSecret: DEFAULT_APP_SECRET,
    timeout: TIMEOUT,
    deadline: 5_000,
    maxTextBytes: DOORS.core.partBytes,
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
