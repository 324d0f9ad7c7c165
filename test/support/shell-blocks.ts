import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requestOf } from "./curl.js";
import { repository } from "./tarballs.js";

/** Programs that readers have; what they are given is not checked. */
const OF_OTHERS = new Set(["git", "cd", "pwd", "export", "chmod", "npm", "node-red", "redis-cli", "openssl"]);
/** What pnpm does without a script. */
const OF_PNPM = new Set(["install", "run", "exec", "pack"]);

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(repository, folder, "package.json"), "utf8"));

const SCRIPTS = readManifest("").scripts ?? {};
const PACKAGES = readdirSync(join(repository, "packages")).map((name) => ({
  folder: `packages/${name}`,
  ...readManifest(`packages/${name}`),
}));
/** Our commands, and the file of each. */
const BINS = new Map(
  PACKAGES.flatMap(({ folder, bin = {} }) => Object.entries(bin).map(([name, file]) => [name, `${folder}/${file}`])),
);

const helps = new Map<string, string>();
/** What a file tells with --help; an example without such an option is its own help. */
function helpOf(file: string): string {
  const read = () =>
    file.startsWith("packages/")
      ? execFileSync(process.execPath, [file, "--help"], { cwd: repository, encoding: "utf8" })
      : readFileSync(join(repository, file), "utf8");
  const help = helps.get(file) ?? read();
  helps.set(file, help);
  return help;
}

/** What is wrong with the commands of a block: a script, file, command or option that does not exist. */
export function troubleIn(code: string): string[] {
  return commandsOf(code).flatMap((words) => troubleWith(words));
}

/** The commands of a block as words, without what is set for them. */
export function commandsOf(code: string): string[][] {
  const text = code.replace(/\\\n\s*/g, " ").replace(/(^|\s)#.*$/gm, "");
  const found = [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"&|;]+)+|&&|[\n&|;]/g)].map(([word]) => word);
  const commands: string[][] = [[]];
  for (const word of found) {
    if (/^(?:\n|&&|[&|;])$/.test(word)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word))))
    .filter(([first]) => first !== undefined && !/^[A-Z_][A-Z0-9_]*=/.test(first));
}

function troubleWith([program = "", ...rest]: readonly string[]): string[] {
  if (OF_OTHERS.has(program)) return [];
  if (program === "curl") return curl(rest);
  if (program === "npx") return npx(rest.filter((word) => word !== "-y"));
  if (program === "node") return node(rest);
  const file = BINS.get(program);
  return file === undefined ? [`there is no command ${program}`] : options(file, rest);
}

function curl(words: readonly string[]): string[] {
  const request = requestOf(words);
  return "trouble" in request ? [`curl is not understood: ${request.trouble}`] : [];
}

function npx([name = "", ...rest]: readonly string[]): string[] {
  if (name === "pnpm@12") return pnpm(rest);
  const [file, ...more] = Object.values(PACKAGES.find((one) => one.name === name)?.bin ?? {});
  const folder = PACKAGES.find((one) => one.name === name)?.folder;
  return file === undefined || more.length > 0 ? [`npx cannot run ${name}`] : options(`${folder}/${file}`, rest);
}

function pnpm(words: readonly string[]): string[] {
  if (words[0] === "--filter") {
    const [, name, ...rest] = words;
    return PACKAGES.some((one) => one.name === name) ? pnpm(rest) : [`there is no package ${name}`];
  }
  const [script = "", ...rest] = words[0] === "run" ? words.slice(1) : words;
  const text = SCRIPTS[script];
  if (text === undefined) return OF_PNPM.has(script) ? [] : [`there is no script ${script}`];
  const file = /node (\S+)$/.exec(text)?.[1];
  return file === undefined ? [] : options(file, rest);
}

function node([file = "", ...rest]: readonly string[]): string[] {
  const path = file.replace(/^["']|["']$/g, "");
  if (!existsSync(join(repository, path))) return [`there is no file ${path}`];
  return path.startsWith("packages/") ? options(path, rest) : [];
}

/** What is wrong with what one of our commands is given: its first word, its options. */
function options(file: string, words: readonly string[]): string[] {
  const [first] = words;
  const command = first === undefined || first.startsWith("-") ? [] : [first];
  const end = words.indexOf("--");
  const flags = (end === -1 ? words : words.slice(0, end)).filter((word) => /^--\w/.test(word));
  return [
    ...command.filter((word) => !tells(file, `^  ${word}`)).map((word) => `${file} knows no command ${word}`),
    ...flags.filter((flag) => !tells(file, flag.split("=", 1)[0] ?? flag)).map((flag) => `${file} knows no ${flag}`),
  ];
}

/** Whether the help of a file names a word as a whole; with ^ at the beginning of a line. */
const tells = (file: string, word: string): boolean =>
  new RegExp(`${word.startsWith("^") ? "" : "(?<![\\w-])"}${word}(?![\\w-])`, "m").test(helpOf(file));
