import { type Bilingual, fill, joined } from "../bilingual.js";
import { NETWORK_ERRORS } from "../error-catalog/network.js";
import { WeChatApiError, WeChatCredentialError, type WeChatError } from "../errors.js";
import type { Check, Judgement } from "./check.js";
import { endedBefore, judgementOf, notKnown, saying } from "./findings.js";
import type { Run } from "./run.js";

const ACCEPTED: Bilingual = {
  en: "WeChat accepts AppID {appId} with its AppSecret.",
  zh: "微信接受 AppID {appId} 及其 AppSecret。",
};
const NO_SECRET: Bilingual = {
  en: "Not checked: tokens come from your tokenSource function, which needs no AppSecret here.",
  zh: "未检查：token 来自自定义的 tokenSource 函数，此处不使用 AppSecret。",
};
// No source says whether WeChat looks at the AppSecret or at the address first.
const ADDRESS_FIRST: Bilingual = {
  en: "Not known yet: WeChat does not let this machine's IP address in (see the next check).",
  zh: "暂不可知：微信不允许本机 IP 调用（见下一项）。",
};
const ADDRESS_ALLOWED: Bilingual = {
  en: "WeChat lets this machine's IP address in.",
  zh: "微信允许本机 IP 调用。",
};
const ADDRESS_OF_FUNCTION: Bilingual = {
  en: "Not checked: WeChat looks at the address when a token is fetched, and your tokenSource function does that.",
  zh: "未检查：微信在获取 token 时检查 IP，而 token 由自定义的 tokenSource 函数获取。",
};

/** AppID and AppSecret as given. The classic interface is not asked, see {@link Run.token}. */
export const credentials: Check = {
  id: "credentials",
  title: { en: "AppID and AppSecret", zh: "AppID 与 AppSecret" },
  blocks: true,
  async judge(run) {
    if (run.tokenSource === "function") return { status: "skipped", finding: NO_SECRET };
    const { appId } = run.setup.options;
    const { error } = await run.token();
    if (!error) return { status: "ok", finding: fill(ACCEPTED, { appId }), details: { appId } };
    if (refusesAddress(error)) return { status: "skipped", finding: ADDRESS_FIRST };
    // A token endpoint that does not answer says nothing of AppID and AppSecret; the check of the token names it.
    return endedBefore(error) ? notKnown(error) : judgementOf(error);
  },
};

/** Whether this machine's address may call. WeChat's answer names the address. */
export const ipWhiteList: Check = {
  id: "ip-white-list",
  title: { en: "API IP white list", zh: "API IP 白名单" },
  blocks: true,
  async judge(run) {
    const ownFunction = run.tokenSource === "function";
    const { error } = ownFunction ? await run.acceptance() : await run.token();
    if (error && refusesAddress(error)) return judgementOf(error);
    if (ownFunction) return { status: "skipped", finding: ADDRESS_OF_FUNCTION };
    return error ? notKnown(error) : { status: "ok", finding: ADDRESS_ALLOWED };
  },
};

const TOKEN_GOOD = {
  stable: {
    en: "stable_token gives a token, and WeChat's API accepts it. Any number of programs can share it.",
    zh: "stable_token 给出的 token 被微信接口接受，可供多个程序共用。",
  },
  function: {
    en: "Your tokenSource function gives a token, and WeChat's API accepts it.",
    zh: "自定义的 tokenSource 函数给出的 token 被微信接口接受。",
  },
} as const satisfies Record<string, Bilingual>;
const TOKEN_REFUSED = {
  stable: {
    en: "WeChat's API refuses the very token that stable_token gives ({errcode}: {meaning}).",
    zh: "微信接口拒绝了 stable_token 刚给出的 token（{errcode}：{meaning}）。",
  },
  function: {
    en: "Your tokenSource function gives a token that WeChat's API refuses ({errcode}: {meaning}).",
    zh: "自定义的 tokenSource 函数给出的 token 被微信接口拒绝（{errcode}：{meaning}）。",
  },
  classic: {
    en: "Another program has replaced this client's classic token ({errcode}: {meaning}); the next call fetches one and so ends theirs.",
    zh: "其他程序已替换本客户端的旧接口 token（{errcode}：{meaning}）；下次调用会重新获取，并使对方的 token 失效。",
  },
} as const satisfies Record<string, Bilingual>;
const CLASSIC: Bilingual = {
  en: "Tokens come from the classic interface (GET /cgi-bin/token), where each program that fetches one ends the token of the others.",
  zh: "token 来自旧接口（GET /cgi-bin/token）：每次获取都会使其他程序的 token 失效。",
};
const HELD_ACCEPTED: Bilingual = {
  en: "WeChat's API accepts the one that this client holds.",
  zh: "本客户端持有的 token 被微信接口接受。",
};
const STABLE_USED: Bilingual = {
  en: "None was fetched for this check; a stable token was used.",
  zh: "本次检查没有调用旧接口，用的是 stable_token。",
};
const USE_STABLE: Bilingual = {
  en: "Use the token source stable (the default; WECHAT_TOKEN_SOURCE=stable), in every program of this account.",
  zh: "请让该公众号的所有程序都使用 stable 方式获取 token（默认值；WECHAT_TOKEN_SOURCE=stable）。",
};

/** What WeChat says of a token in place of which another was fetched; 42001 only says that its time is over. */
const REPLACED: readonly (number | undefined)[] = [40001, 40014];

/** Where tokens come from, and whether WeChat's API accepts them. */
export const token: Check = {
  id: "token",
  title: { en: "Access token", zh: "access_token" },
  blocks: true,
  async judge(run) {
    const source = run.tokenSource;
    const judgement = source === "classic" ? await classicToken(run) : await ownToken(run, source);
    return { ...judgement, details: { ...judgement.details, source } };
  },
};

/** Whether WeChat's API accepts the token of this diagnosis. */
async function ownToken(run: Run, source: "stable" | "function"): Promise<Judgement> {
  const fetched = await run.token();
  if (fetched.error) return judgementOf(fetched.error);
  const { error } = await run.acceptance();
  if (error instanceof WeChatCredentialError) {
    return { ...judgementOf(error), finding: saying(TOKEN_REFUSED[source], error) };
  }
  // Whatever else WeChat's API refuses, it has accepted the token before.
  if (error && !(error instanceof WeChatApiError)) return judgementOf(error);
  return { status: "ok", finding: TOKEN_GOOD[source] };
}

/** A classic token is worth a warning, whatever becomes of it. One that the client does not hold cannot be tried. */
async function classicToken(run: Run): Promise<Judgement> {
  const warning = { status: "warning", remedy: USE_STABLE } as const;
  const held = await run.heldAcceptance();
  const error = held?.error;
  if (held && !error) return { ...warning, finding: joined(CLASSIC, HELD_ACCEPTED) };
  if (error instanceof WeChatApiError && REPLACED.includes(error.errcode)) {
    return { ...judgementOf(error), ...warning, finding: saying(TOKEN_REFUSED.classic, error) };
  }
  const judgement = await ownToken(run, "stable");
  return judgement.status === "ok" ? { ...warning, finding: joined(CLASSIC, STABLE_USED) } : judgement;
}

/** WeChat's white list, and its confirmation of addresses by the administrator (8950x). */
function refusesAddress(error: WeChatError): boolean {
  return error.errcode !== undefined && NETWORK_ERRORS[error.errcode]?.kind === "permission";
}
