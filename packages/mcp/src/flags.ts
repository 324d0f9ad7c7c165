import { isIP } from "node:net";
import { type ParseArgsConfig, parseArgs } from "node:util";
import type { SettingsProblem } from "./problems.js";
import type { Remedy } from "./remedy.js";

/** What the command line asks for: to serve, or to print something and end. */
export type Command = "serve" | "help" | "version";

/** Where `--http` serves. */
export interface HttpFlags {
  /** A name or an address of this machine. Default 127.0.0.1. */
  readonly host: string;
  /** 0: any that is free. Default {@link DEFAULT_PORT}. */
  readonly port: number;
  /** Where WeChat pushes to; undefined: nowhere here. */
  readonly callbackPath?: string | undefined;
}

export interface Flags {
  readonly command: Command;
  /** There if `--http` is. What is wrong in it has its default and stands in `problems`. */
  readonly http?: HttpFlags | undefined;
  readonly problems: readonly SettingsProblem[];
}

/** WXMP on a telephone's keys; below what systems give out by themselves, and no known service's. */
export const DEFAULT_PORT = 9967;
/** Where MCP is. */
export const MCP_PATH = "/mcp";

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
  http: { type: "boolean" },
  host: { type: "string" },
  port: { type: "string" },
  "callback-path": { type: "string" },
} as const satisfies ParseArgsConfig["options"];

type OptionName = keyof typeof OPTIONS;
type ValueName = "host" | "port" | "callback-path";

const isOption = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name);
const takesValue = (name: OptionName): name is ValueName => OPTIONS[name].type === "string";

/** What each value has to be. */
const VALUES: Readonly<Record<ValueName, { fits(value: string): boolean; problem: string; remedy: Remedy }>> = {
  host: {
    fits: (value) => isIP(value) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value),
    problem: "is neither a host name nor an IP address",
    remedy: {
      en: "Give a name or an address of this machine without port, such as --host 127.0.0.1 (default) or --host 0.0.0.0.",
      zh: "请填写本机的主机名或 IP 地址（不含端口），例如 --host 127.0.0.1（默认）或 --host 0.0.0.0。",
    },
  },
  port: {
    fits: (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535,
    problem: "is not a port",
    remedy: {
      en: `Give a whole number from 0 (any free port) to 65535, or leave it out (${DEFAULT_PORT}).`,
      zh: `请填写 0（任意空闲端口）至 65535 的整数，或不填（默认 ${DEFAULT_PORT}）。`,
    },
  },
  "callback-path": {
    // No empty segment and none of dots: proxies change such paths.
    fits: (value) => /^\/([\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*\/?)?$/.test(value) && value.replace(/\/$/, "") !== MCP_PATH,
    problem: `is not a path of its own: it begins with /, has letters, digits and - . _ ~ between slashes, no query, and is not ${MCP_PATH}`,
    remedy: {
      en: "Give the path of the server URL in WeChat's console, such as --callback-path /wechat.",
      zh: "请填写微信后台服务器地址（URL）中的路径，例如 --callback-path /wechat。",
    },
  },
};

/**
 * Reads the command line. Flags select what to do; settings and secrets come from the environment only, because
 * arguments are visible to other users of the machine.
 */
export function readFlags(args: readonly string[]): Flags {
  const { tokens } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Set<OptionName>();
  const values: Partial<Record<ValueName, string>> = {};
  const problems: SettingsProblem[] = [];
  // Letters of one argument, such as -abc, are several tokens.
  const refused = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== "option" || !isOption(token.name)) {
      if (!refused.has(token.index)) problems.push(refusal(args[token.index] ?? "", token.index));
      refused.add(token.index);
    } else if (takesValue(token.name)) {
      given.add(token.name);
      const { fits, problem, remedy } = VALUES[token.name];
      if (token.value === undefined || token.value === "" || token.value.startsWith("-")) {
        problems.push({ name: `--${token.name}`, problem: "has no value", remedy });
      } else if (!fits(token.value)) {
        problems.push({ name: `--${token.name}`, problem, remedy });
      } else {
        values[token.name] = token.value;
      }
    } else if (token.value !== undefined) {
      problems.push({ name: `--${token.name}`, problem: "takes no value", remedy: REMOVE_VALUE });
    } else {
      given.add(token.name);
    }
  }
  const http = given.has("http") ? httpFlags(values) : undefined;
  for (const name of given) {
    const flag = `--${name}`;
    if (!http && takesValue(name) && !problems.some(({ name }) => name === flag)) {
      problems.push({ name: flag, ...NEEDS_HTTP });
    }
  }
  const command = given.has("help") ? "help" : given.has("version") ? "version" : "serve";
  return { command, http, problems };
}

function httpFlags({ host = "127.0.0.1", port, "callback-path": callbackPath }: Partial<Record<ValueName, string>>) {
  return { host, port: port === undefined ? DEFAULT_PORT : Number(port), callbackPath };
}

const REMOVE_VALUE: Remedy = { en: "Remove what follows the =.", zh: "请去掉等号及其后的内容。" };

const NEEDS_HTTP = {
  problem: "is given without --http, and stdio has no use for it",
  remedy: { en: "Add --http, or remove it.", zh: "请加上 --http，或去掉该选项。" },
};

/** Names the flag, never its value or a bare argument: people put secrets there. */
function refusal(arg: string, index: number): SettingsProblem {
  const flag = /^--?[a-z][a-z-]*(?==|$)/.exec(arg)?.[0];
  return {
    name: flag ?? `argument ${index + 1}`,
    problem: flag ? "is no flag of this server" : "is not understood: this server takes no arguments",
    remedy: {
      en: "Remove it. Settings come from environment variables; --help lists them.",
      zh: "请去掉它。设置通过环境变量提供，--help 可查看列表。",
    },
  };
}
