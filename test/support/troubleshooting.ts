import { TOKEN_ENDPOINT_CATALOG } from "../../packages/core/src/error-catalog/credentials.js";
import {
  type Bilingual,
  ERROR_SUBJECTS,
  type ErrorEntry,
  type RetryAdvice,
  readableRemedy,
} from "../../packages/core/src/error-catalog.js";
import { ENDPOINTS, REFUSALS } from "../../packages/core/src/index.js";
import { OWN_CODES, type OwnCode } from "./own-codes.js";

type Language = keyof Bilingual;

/** The errcodes that a newcomer meets. */
const FREQUENT = [40001, 40003, 40013, 40125, 40164, 45009, 45015, 45047, 48001, -1];

const SUBJECT_TITLES: Readonly<Record<keyof typeof ERROR_SUBJECTS, Bilingual>> = {
  requests: { en: "The request", zh: "请求" },
  credentials: { en: "AppID, AppSecret, access token", zh: "AppID、AppSecret、access_token" },
  network: { en: "IP white list and network", zh: "IP 白名单与网络" },
  account: { en: "What the account may do", zh: "账号权限" },
  limits: { en: "How often it may be called", zh: "调用次数" },
  recipients: { en: "The follower", zh: "用户" },
  messages: { en: "What a message may hold", zh: "消息内容" },
  media: { en: "Files and material", zh: "素材" },
  agents: { en: "Human agents and sessions", zh: "客服与会话" },
  broadcasts: { en: "Broadcasts and publishing", zh: "群发与发布" },
  menus: { en: "Menus", zh: "自定义菜单" },
  "web-login": { en: "Web login (OAuth)", zh: "网页授权（OAuth）" },
  diagnosis: { en: "Callback check, rid, quota", zh: "回调检查、rid、额度查询" },
};

const RETRY: Readonly<Record<RetryAdvice, Bilingual>> = {
  token: {
    en: "The client gets another token and repeats the call once by itself.",
    zh: "客户端会自动换取新的 token 并重试一次。",
  },
  later: { en: "Can be repeated after a pause.", zh: "稍后可以重试。" },
  never: { en: "Repeating the same call does not help.", zh: "原样重试没有用。" },
  wait: {
    en: "Somebody must act, or a time must pass, before it can be repeated.",
    zh: "需要有人处理，或等待一段时间后才能重试。",
  },
  benign: { en: "Nothing to do: it is already so.", zh: "无需处理：已是所要的状态。" },
};

const WORDS = {
  title: { en: "Troubleshooting by errcode", zh: "按错误码排查" },
  other: { en: "[中文](troubleshooting.zh-CN.md)", zh: "[English](troubleshooting.md)" },
  intro: {
    en: "Every errcode that WeChat's API answers with and this project knows, and every `code` of our own: what it means and what to do. Errors say the same in `error.remedy.en` and `error.remedy.zh`, `explainError(errcode)` gives it to a program, and `npx -y pnpm@12 wechat doctor` finds most of what is wrong with an account by itself. Each code has an address, such as `troubleshooting.md#45015`.",
    zh: "本项目收录的微信接口错误码，以及项目自身的 `code`：含义和处理办法。错误对象的 `error.remedy.zh`（英文为 `error.remedy.en`）给出同样的内容，程序可用 `explainError(errcode)` 查询；`npx -y pnpm@12 wechat doctor --lang zh` 可自动找出公众号的大部分问题。每个错误码都有固定地址，例如 `troubleshooting.zh-CN.md#45015`。",
  },
  written: {
    en: "Written by a test from core's catalogue; `pnpm exec vitest run --project fast test/docs-troubleshooting.test.ts -u` writes it anew.",
    zh: "本页由测试根据 core 的错误目录生成；运行 `pnpm exec vitest run --project fast test/docs-troubleshooting.test.ts -u` 可重新生成。",
  },
  frequent: { en: "The usual ones", zh: "最常见的" },
  own: { en: "Codes of our own", zh: "本项目自身的 code" },
  ownIntro: {
    en: "`error.code`, in Node-RED also `msg.wechat.error.code`, in MCP the field `code` of a result.",
    zh: "即 `error.code`；在 Node-RED 中也是 `msg.wechat.error.code`，在 MCP 中是结果的 `code` 字段。",
  },
  core: { en: "From code, Node-RED and MCP", zh: "代码、Node-RED 和 MCP 均可能出现" },
  nodeRed: { en: "Only in Node-RED", zh: "仅 Node-RED" },
  mcp: { en: "Only in MCP", zh: "仅 MCP" },
  refusals: { en: "Why a push was refused", zh: "推送被拒绝的原因" },
  refusalsIntro: {
    en: "What `onRefused` hears, what stands in the body of the answer, and what Node-RED and the MCP server log when something reaches the callback that is not taken.",
    zh: "到达回调地址但未被接收的请求：`onRefused` 收到的原因，也是应答的正文，Node-RED 和 MCP 服务会记入日志。",
  },
  refusalsHead: {
    en: "| Reason | HTTP status | What to do |",
    zh: "| 原因 | HTTP 状态 | 处理办法 |",
  },
  endpoints: { en: "Particular to", zh: "相关方法" },
  tokenEndpoint: { en: "Where a token is asked for", zh: "获取 token 时" },
  unlisted: {
    en: "An errcode that is not here: look it up on WeChat's page of global return codes, or its rid with `client.quota.lookUp` (kept for 7 days), and tell this project.",
    zh: "本页没有的错误码：请在微信「全局返回码」页面查询，或用 `client.quota.lookUp` 查询 rid（保留 7 天），并告知本项目。",
  },
} as const satisfies Record<string, Bilingual>;

/** A sentence: the catalogue's meanings have no full stop and begin small. */
const sentence = (text: string, language: Language) =>
  language === "zh" ? `${text}。` : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What Markdown would read as its own. */
const escaped = (text: string) => text.replace(/[<>|*]/g, "\\$&").replace(/(?<![\w`])_|_(?![\w`])/g, "\\_");

function endpointLines(errcode: number, language: Language): string[] {
  const particular = ENDPOINTS.filter(({ errcodes = [] }) => errcodes.includes(errcode));
  const names = particular.map(({ name }) => `\`${name}\``);
  const own = ENDPOINTS.flatMap(({ name, remedies }) => {
    const remedy = remedies?.[errcode];
    return remedy ? [`- \`${name}\`: ${escaped(remedy[language])}`] : [];
  });
  const { endpoints } = WORDS;
  const colon = language === "zh" ? "：" : ": ";
  const line = `[${endpoints[language]}](endpoints.md)${colon}${names.join(", ")}`;
  return [...(names.length > 0 ? ["", line] : []), ...(own.length > 0 ? ["", ...own] : [])];
}

function errcodeLines(errcode: number, entry: ErrorEntry, language: Language): string[] {
  const { meaning, retry, name } = entry;
  const remedy = escaped(readableRemedy(entry)[language]);
  const gap = language === "zh" ? "" : " ";
  const atToken = TOKEN_ENDPOINT_CATALOG[errcode];
  return [
    `### ${errcode}`,
    "",
    `**${escaped(sentence(meaning[language], language))}** \`${name}\``,
    "",
    `${remedy}${gap}${RETRY[retry][language]}`,
    ...(atToken
      ? [
          "",
          `${WORDS.tokenEndpoint[language]}${language === "zh" ? "：" : ": "}**${escaped(sentence(atToken.meaning[language], language))}** ${escaped(atToken.remedy[language])}`,
        ]
      : []),
    ...endpointLines(errcode, language),
    "",
  ];
}

function subjectLines(language: Language): string[] {
  return Object.entries(ERROR_SUBJECTS).flatMap(([subject, entries]) => [
    `## ${SUBJECT_TITLES[subject as keyof typeof ERROR_SUBJECTS][language]}`,
    "",
    ...Object.entries(entries)
      .map(([errcode, entry]): [number, ErrorEntry] => [Number(errcode), entry])
      .sort(([a], [b]) => a - b)
      .flatMap(([errcode, entry]) => errcodeLines(errcode, entry, language)),
  ]);
}

function ownLines(language: Language): string[] {
  const lines = (codes: Readonly<Record<string, OwnCode>>) =>
    Object.entries(codes).flatMap(([code, { meaning, remedy }]) => [
      `#### ${code}`,
      "",
      `**${sentence(meaning[language], language)}** ${remedy[language]}`,
      "",
    ]);
  const places = Object.keys(OWN_CODES) as (keyof typeof OWN_CODES)[];
  return [
    `## ${WORDS.own[language]}`,
    "",
    WORDS.ownIntro[language],
    "",
    ...places.flatMap((place) => [`### ${WORDS[place][language]}`, "", ...lines(OWN_CODES[place])]),
  ];
}

function refusalLines(language: Language): string[] {
  const rows = Object.entries(REFUSALS).map(
    ([reason, { status, remedy }]) => `| \`${reason}\` | ${status} | ${escaped(remedy[language])} |`,
  );
  return [
    `## ${WORDS.refusals[language]}`,
    "",
    WORDS.refusalsIntro[language],
    "",
    WORDS.refusalsHead[language],
    "| --- | --- | --- |",
    ...rows,
    "",
  ];
}

/** docs/troubleshooting.md, or its Chinese twin. */
export function troubleshootingPage(language: Language): string {
  const catalog: Readonly<Record<number, ErrorEntry>> = Object.assign({}, ...Object.values(ERROR_SUBJECTS));
  const frequent = FREQUENT.map((errcode) => {
    const entry = catalog[errcode];
    if (!entry) throw new Error(`the catalogue does not know ${errcode}`);
    return `- [${errcode}](#${errcode}) ${entry.meaning[language]}`;
  });
  return [
    `# ${WORDS.title[language]}`,
    "",
    `${WORDS.intro[language]} ${WORDS.other[language]}`,
    "",
    WORDS.written[language],
    "",
    `## ${WORDS.frequent[language]}`,
    "",
    ...frequent,
    "",
    WORDS.unlisted[language],
    "",
    ...ownLines(language),
    ...refusalLines(language),
    ...subjectLines(language),
  ].join("\n");
}
