import type { Push } from "./record.js";

/** Words for whoever runs the simulator. */
interface Bilingual {
  readonly en: string;
  readonly zh: string;
}

const NO_CALLBACK: Bilingual = {
  en: "the account has no callback; set one with POST /simulator/callback (setCallback) or --callback",
  zh: "该账号没有回调地址；请用 POST /simulator/callback（setCallback）或 --callback 设置",
};

/** Why a follower's action was pushed to nobody. */
export const NOT_PUSHED = {
  noCallback: NO_CALLBACK.en,
  agent: "the message went to the human agent with whom the follower is in a session",
  closed: "the simulator is closed",
} as const;

const ANSWER: Bilingual = {
  en: "Answer success or nothing at once, or a passive reply; /simulator/ledger shows what came back.",
  zh: "请立即应答 success、空内容或被动回复；收到的应答见 /simulator/ledger。",
};

/** What to do about a callback that cannot be reached or refuses. The first that fits is said. */
const ADVICE: readonly (readonly [RegExp, Bilingual])[] = [
  [
    /^ECONNREFUSED$/,
    { en: "Start the server, or correct the port of the callback.", zh: "请启动服务器，或改正回调地址的端口。" },
  ],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, { en: "Correct the host name of the callback.", zh: "请改正回调地址的主机名。" }],
  [
    /^HTTP 40[13]$/,
    {
      en: "Check that the server has the same AppID, callback token and EncodingAESKey; its own log may say more.",
      zh: "请检查服务器的 AppID、Token 和 EncodingAESKey 是否与此处一致；服务器日志可能有更多说明。",
    },
  ],
  [
    /^HTTP 40[45]$/,
    {
      en: "Check the path of the callback; there the server must take GET and POST.",
      zh: "请检查回调地址的路径；服务器须在该路径接受 GET 和 POST。",
    },
  ],
  [
    /^HTTP 3/,
    { en: "Set the URL to which it redirects: that is not followed.", zh: "请设置重定向后的地址：此处不跟随重定向。" },
  ],
  [/^HTTP /, { en: "See the server's log for why it failed.", zh: "请查看服务器日志中的失败原因。" }],
];

/** What to do about a callback that gave no answer or another status than 200; undefined for other problems. */
export function adviceOn(problem: string): string | undefined {
  const found = ADVICE.find(([what]) => what.test(problem))?.[1];
  return found === undefined ? undefined : both(found);
}

/** The line about a push that failed. Without the URL's query, which may hold a secret of the server's. */
export function failureNotice({ id, event, msgType }: Push, url: string, problem: string): string {
  const { origin, pathname } = new URL(url);
  return `push ${id} (${event ?? msgType}) to ${origin}${pathname} failed: ${problem}. ${adviceOn(problem) ?? both(ANSWER)}`;
}

/** The line about an account whose followers act and which has no callback. */
export function noCallbackNotice(appId: string): string {
  return `nothing is pushed for ${appId}: ${NO_CALLBACK.en}. ${NO_CALLBACK.zh}。`;
}

function both({ en, zh }: Bilingual): string {
  return `${en} ${zh}`;
}
