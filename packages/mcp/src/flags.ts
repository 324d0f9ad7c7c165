import type { SettingsProblem } from "./problems.js";

/** What the command line asks for: to serve, or to print something and end. */
export type Command = "serve" | "help" | "version";

const LATER = new Set(["--http", "--host", "--port", "--callback-path"]);

/**
 * Reads the command line. Flags select what to do; settings and secrets come from the environment only, because
 * arguments are visible to other users of the machine.
 */
export function readFlags(args: readonly string[]): { command: Command; problems: readonly SettingsProblem[] } {
  let command: Command = "serve";
  const problems: SettingsProblem[] = [];
  args.forEach((arg, index) => {
    if (arg === "--help" || arg === "-h") command = "help";
    else if (arg === "--version" || arg === "-v") command = command === "help" ? command : "version";
    else problems.push(refusal(arg, index));
  });
  return { command, problems };
}

/** Names the flag, never its value or a bare argument: people put secrets there. */
function refusal(arg: string, index: number): SettingsProblem {
  const flag = /^--?[a-z][a-z-]*(?==|$)/.exec(arg)?.[0];
  if (flag && LATER.has(flag)) {
    return {
      name: flag,
      problem: "is not available in this version, which serves stdio only",
      remedy: { en: `Start the server without ${flag}.`, zh: `此版本仅支持 stdio，请去掉 ${flag} 后启动。` },
    };
  }
  return {
    name: flag ?? `argument ${index + 1}`,
    problem: flag ? "is no flag of this server" : "is not understood: this server takes no arguments",
    remedy: {
      en: "Remove it. Settings come from environment variables; --help lists them.",
      zh: "请去掉它。设置通过环境变量提供，--help 可查看列表。",
    },
  };
}
