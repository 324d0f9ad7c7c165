#!/usr/bin/env node
import { Console } from "node:console";
import { type Flags, type HttpFlags, readFlags } from "./flags.js";
import { HELP } from "./help.js";
import { packageInfo } from "./package-info.js";
import { createServer } from "./server.js";
import { type Configuration, readConfiguration, SettingsError, type SettingsProblem } from "./settings.js";
import type { HttpSettings } from "./transports/http-settings.js";
import { serveOverStdio } from "./transports/stdio.js";

/** Flags or settings are wrong; --help names it. */
const EXIT_USAGE = 2;

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2));
  if (flags.problems.length === 0 && flags.command === "help") {
    process.stdout.write(HELP);
  } else if (flags.problems.length === 0 && flags.command === "version") {
    process.stdout.write(`${packageInfo.version}\n`);
  } else {
    await start(flags);
  }
}

async function start(flags: Flags): Promise<void> {
  // stdout belongs to the protocol, whatever a dependency may want to print.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.on("uncaughtException", endUnexpectedly);
  try {
    const { configuration, http } = await configure(flags);
    await serve(configuration, http);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    explain(error.problems);
    process.exitCode = EXIT_USAGE;
  }
}

/** @throws SettingsError with all that is wrong with flags and settings */
async function configure(flags: Flags): Promise<{ configuration: Configuration; http?: HttpSettings | undefined }> {
  const problems = [...flags.problems];
  const http = flags.http && (await readHttp(flags.http, problems));
  const configuration = await readConfiguration().catch((error: unknown) => {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems);
  });
  if (problems.length === 0 && configuration) return { configuration, http };
  await configuration?.inbox?.close();
  throw new SettingsError(problems);
}

function explain(problems: readonly SettingsProblem[]): void {
  log(`The WeChat MCP server cannot start: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}.`);
  for (const { name, problem, remedy } of problems) {
    log(`- ${name}: ${problem}.\n  ${remedy.en}\n  ${remedy.zh}`);
  }
}

async function serve(configuration: Configuration, http: HttpSettings | undefined): Promise<void> {
  const { client, inbox, settings } = configuration;
  try {
    const serving = http ? await serveHttp(configuration, http) : serveStdio(configuration);
    onFirstSignal(() => void serving.close());
    log(
      `${packageInfo.name} ${packageInfo.version} serves MCP on ${http ? "HTTP" : "stdio"} for ${client.appId} at ${new URL(client.baseUrl).host}.`,
    );
    for (const line of [...serving.announcement, ...announce(settings)]) log(line);
    if (!inbox) log(NO_INBOX);
    else if (process.env.WECHAT_INBOX?.trim() === "memory" && !http?.callback) log(INBOX_OF_ITS_OWN);
    await serving.closed;
  } finally {
    await client.close();
    // Last, so that the outcome of what was still under way is kept too.
    await inbox?.close();
  }
}

function serveStdio({ client, inbox, settings }: Configuration) {
  const connection = serveOverStdio(() => createServer(settings, client, inbox), {
    // The message of such an error may quote what the host sent, a follower's text included.
    onerror: (error) => log(`A message of the host could not be read or answered (${error.name}).`),
  });
  return { ...connection, announcement: [] };
}

// Loaded only for --http: a host that starts the server on stdio waits for it.
const loadHttp = () => import("./serve-http.js");

const readHttp = async (flags: HttpFlags, problems: SettingsProblem[]): Promise<HttpSettings> =>
  (await loadHttp()).readHttpSettings(flags, process.env, problems);

const serveHttp = async (configuration: Configuration, http: HttpSettings) =>
  (await loadHttp()).serveHttp(configuration, http, log);

/** A second signal ends the process at once, as if nobody listened. */
function onFirstSignal(end: () => void): void {
  const signals = ["SIGTERM", "SIGINT"] as const;
  const listener = () => {
    for (const signal of signals) process.off(signal, listener);
    end();
  };
  for (const signal of signals) process.on(signal, listener);
}

const NO_INBOX = `WECHAT_INBOX is not set, so there is no inbox: the tools that read conversations and wait for messages are not listed. Set it to what the program that receives your followers' messages uses, such as sqlite:PATH.
未设置 WECHAT_INBOX，没有收件箱：读取会话和等待消息的工具不会列出。请将其设为接收用户消息的程序所用的同一收件箱，例如 sqlite:文件路径。`;

const INBOX_OF_ITS_OWN = `WECHAT_INBOX=memory is an inbox of this process alone, which receives nothing by itself: it will hold only what this server sends. Set it to what the program that receives your followers' messages uses, such as sqlite:PATH.
WECHAT_INBOX=memory 是仅属于本进程的收件箱，而本进程不接收消息：其中只会有本服务发送的内容。请将其设为接收用户消息的程序所用的同一收件箱，例如 sqlite:文件路径。`;

function announce({ recipients, aiLabel, dryRun, readOnly }: Configuration["settings"]): string[] {
  if (readOnly) return ["Read-only: on. Nothing can be sent, and nothing is marked as read."];
  const who = {
    anyone: "every follower (*)",
    list: `${recipients.kind === "list" ? recipients.openids.size : 0} openid(s)`,
    "reply-only": "those who can be answered, by the inbox (reply-only)",
    nobody: "nobody",
  }[recipients.kind];
  const lines = [`Recipients: ${who}. AI label: ${aiLabel ? "on" : "off"}. Dry run: ${dryRun ? "on" : "off"}.`];
  if (recipients.kind === "nobody") {
    lines.push(
      "WECHAT_MCP_RECIPIENTS is not set, so every send will be refused. Set it to the openids that may be written to, separated by commas, or to * for every follower.",
      "未设置 WECHAT_MCP_RECIPIENTS，所有发送都会被拒绝。请将其设为允许接收消息的 openid（以英文逗号分隔），或设为 * 表示所有关注者。",
    );
  }
  return lines;
}

/** A defect. Its place is printed and not its message, which may hold what must not be printed. */
function endUnexpectedly(error: unknown): void {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  log(["The WeChat MCP server ends because of a defect.", ...frames].join("\n"));
  process.exit(1);
}

await main();
