import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Bilingual, fill } from "../bilingual.js";
import { type InputProblem, WeChatValidationError, wrong } from "../errors.js";

export type Language = keyof Bilingual;

/** How a command answers. */
export interface Manner {
  readonly language: Language;
  readonly json: boolean;
}

export type Command =
  | { readonly name: "help" | "version" | "doctor" }
  /** A text of `-` stands for what comes on stdin. */
  | { readonly name: "send"; readonly to: string; readonly text: string };

const OPTIONS = {
  json: { type: "boolean" },
  lang: { type: "string" },
  to: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const satisfies ParseArgsConfig["options"];
type OptionName = keyof typeof OPTIONS;

/** The commands, and what each takes. */
const COMMANDS: Readonly<Record<"doctor" | "send", readonly OptionName[]>> = {
  doctor: ["json", "lang"],
  send: ["json", "lang", "to"],
};

const SEE_HELP: Bilingual = {
  en: "--help lists the commands and their options.",
  zh: "--help 可查看全部命令和选项。",
};
const SAY_COMMAND: Bilingual = {
  en: "Say doctor or send. --help explains them.",
  zh: "请使用命令 doctor 或 send，--help 可查看说明。",
};
const SAY_LANGUAGE: Bilingual = { en: "Use --lang en or --lang zh.", zh: "请使用 --lang en 或 --lang zh。" };
const SAY_TO: Bilingual = {
  en: "Name the follower: --to OPENID, once.",
  zh: "请用 --to OPENID 指定接收的用户，只能指定一次。",
};
const SAY_TEXT: Bilingual = {
  en: 'Give one text in quotes, such as "Hello", or - to read it from stdin; before a text that begins with - put --.',
  zh: '请用引号给出一段文本，例如 "你好"；或用 - 从标准输入读取；以 - 开头的文本前请加 --。',
};
const ALONE: Bilingual = {
  en: "Use it with no other argument than a command and --lang; to send it as a text, put -- before it.",
  zh: "请单独使用（只可与命令和 --lang 同用）；若要作为文本发送，请在其前加 --。",
};
const NO_VALUE: Bilingual = { en: "Leave the value out.", zh: "请去掉取值。" };

/** What can be wrong with an argument. */
const WRONG = {
  missing: { en: "is missing", zh: "未给出" },
  unknown: { en: "is unknown", zh: "无法识别" },
  noOption: { en: "is no option", zh: "不是选项" },
  foreign: { en: "is no option of {command}", zh: "不是 {command} 的选项" },
  notAlone: { en: "does not stand alone", zh: "不是单独使用" },
  further: { en: "takes no further argument", zh: "不接受更多参数" },
  twice: { en: "is given more than once", zh: "给出了多次" },
  several: { en: "is not one argument", zh: "不是一个参数" },
  value: { en: "takes no value", zh: "不接受取值" },
  noValue: { en: "has no value", zh: "缺少取值" },
  language: { en: "is neither en nor zh", zh: "既不是 en 也不是 zh" },
} as const satisfies Record<string, Bilingual>;

const NO_OPTION = wrong("-…", WRONG.noOption, SAY_TEXT);

/**
 * parseArgs takes each letter behind a single - for an option, and so finds -h in "-hello". Here an option is an
 * argument of its own: whatever else begins with - is named as it was written.
 */
const parsed = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, strict: false, allowPositionals: true, tokens: true }).tokens.map(
    (token) => {
      const written = args[token.index] ?? "";
      const isLetter = token.kind === "option" && !token.rawName.startsWith("--") && token.rawName !== written;
      return isLetter ? { ...token, name: written, rawName: written } : token;
    },
  );
type Token = ReturnType<typeof parsed>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

const isOption = (token: Token): token is OptionToken => token.kind === "option";
const isLanguage = (value: unknown): value is Language => value === "en" || value === "zh";
const isKnown = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);

/**
 * How to answer, whatever else is wrong with the arguments. The language is that of --lang, else of LC_ALL,
 * LC_MESSAGES or LANG, else English.
 */
export function readManner(args: readonly string[], env: NodeJS.ProcessEnv): Manner {
  const options = parsed(args).filter(isOption);
  const wanted = options.findLast(({ name, value }) => name === "lang" && isLanguage(value))?.value;
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || "";
  const language = isLanguage(wanted) ? wanted : /^zh/i.test(locale) ? "zh" : "en";
  return { language, json: options.some(({ name }) => name === "json") };
}

/** @throws WeChatValidationError that names every wrong argument, and never a value */
export function readCommand(args: readonly string[]): Command {
  const tokens = parsed(args);
  const options = tokens.filter(isOption);
  const [name, ...texts] = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  const problems = [...new Set(options.flatMap(problemOf))];
  const asked = options.find((option) => option.name === "help" || option.name === "version");
  // A text such as --help, or one too many, must not end as if it had been delivered: with 0.
  const isAlone = options.every((option) => option === asked || option.name === "lang") && texts.length === 0;
  if (isAlone && asked?.name === "help") return { name: "help" };
  if (isAlone && asked?.name === "version" && name === undefined && problems.length === 0) return { name: "version" };
  if (name !== "doctor" && name !== "send") {
    const problem = name === undefined ? WRONG.missing : WRONG.unknown;
    return refuse([wrong("command", problem, SAY_COMMAND), ...problems]);
  }
  for (const option of options) {
    if (!isKnown(option.name) || COMMANDS[name].includes(option.name)) continue;
    const field = `--${option.name}`;
    if (option.name === "help" || option.name === "version") {
      problems.push(wrong(field, WRONG.notAlone, ALONE));
    } else problems.push(wrong(field, fill(WRONG.foreign, { command: name }), SEE_HELP));
  }
  if (name === "doctor") {
    if (texts.length > 0) problems.push(wrong("doctor", WRONG.further, SEE_HELP));
    return problems.length > 0 ? refuse(problems) : { name };
  }
  const [to, ...more] = options.filter((option) => option.name === "to").map(({ value }) => value);
  if (to === undefined || more.length > 0) {
    const problem = to === undefined ? WRONG.missing : WRONG.twice;
    if (!problems.some(({ field }) => field === "--to")) problems.push(wrong("--to", problem, SAY_TO));
  }
  const [text, ...others] = texts;
  if (text === undefined || others.length > 0) {
    problems.push(wrong("text", text === undefined ? WRONG.missing : WRONG.several, SAY_TEXT));
  }
  return problems.length > 0 || to === undefined || text === undefined ? refuse(problems) : { name, to, text };
}

function problemOf({ name, rawName, value, inlineValue }: OptionToken): InputProblem[] {
  if (!isKnown(name)) {
    // Anything else that begins with - may be a text or a secret.
    if (!/^--[a-z][a-z-]{1,30}$/.test(rawName)) return [NO_OPTION];
    return [wrong(rawName, WRONG.unknown, SEE_HELP)];
  }
  const field = `--${name}`;
  if (OPTIONS[name].type === "boolean") {
    return value === undefined ? [] : [wrong(field, WRONG.value, NO_VALUE)];
  }
  const remedy = name === "lang" ? SAY_LANGUAGE : SAY_TO;
  const looksLikeOption = inlineValue === false && value?.startsWith("-");
  if (value === undefined || value === "" || looksLikeOption) return [wrong(field, WRONG.noValue, remedy)];
  if (name === "lang" && !isLanguage(value)) return [wrong(field, WRONG.language, remedy)];
  return [];
}

function refuse(problems: readonly InputProblem[]): never {
  const [first = wrong("command", WRONG.missing, SAY_COMMAND), ...others] = problems;
  throw new WeChatValidationError([first, ...others]);
}
