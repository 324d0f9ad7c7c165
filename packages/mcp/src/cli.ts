#!/usr/bin/env node
import { Console } from "node:console";
import { setImmediate as nextTurn } from "node:timers/promises";
import { announce } from "./announce.js";
import { type Configuration, readConfiguration } from "./configuration.js";
import { type Flags, readFlags } from "./flags.js";
import { HELP } from "./help.js";
import { packageInfo } from "./package-info.js";
import { SettingsError, type SettingsProblem } from "./problems.js";
import { serverFactory } from "./server.js";
import type { HttpSettings } from "./transports/http-settings.js";
import { serveOverStdio } from "./transports/stdio.js";
import { UnderWay } from "./transports/under-way.js";
import { Waits } from "./transports/waits.js";

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
async function configure(flags: Flags): Promise<{ configuration: Configuration; http: HttpSettings | undefined }> {
  let http: HttpSettings | undefined;
  const configuration = await readConfiguration({
    log,
    problems: flags.problems,
    also: async (entries, problems) => {
      if (flags.http) http = await (await loadHttp()).readHttpSettings(flags.http, process.env, entries, problems);
    },
  });
  return { configuration, http };
}

function explain(problems: readonly SettingsProblem[]): void {
  log(`The WeChat MCP server cannot start: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}.`);
  for (const { name, problem, remedy } of problems) {
    log(`- ${name}: ${problem}.\n  ${remedy.en}\n  ${remedy.zh}`);
  }
}

async function serve(configuration: Configuration, http: HttpSettings | undefined): Promise<void> {
  try {
    const serving = http ? await serveHttp(configuration, http) : serveStdio(configuration);
    onFirstSignal(() => void serving.close());
    log(`${packageInfo.name} ${packageInfo.version} serves MCP on ${http ? "HTTP" : "stdio"}.`);
    const receives = http !== undefined && http.callbacks.length > 0;
    for (const line of [...serving.announcement, ...announce(configuration, receives)]) log(line);
    await serving.closed;
  } finally {
    await configuration.close();
  }
}

/** Milliseconds for sends under way when the host goes: the SDK's hosts kill after some 4 s. */
const GRACE = 1_500;

function serveStdio({ settings, audit, accounts }: Configuration) {
  const waits = new Waits();
  const underWay = new UnderWay();
  const desk = { settings, audit, accounts: waits.endableIn(accounts) };
  const create = serverFactory(desk, { track: (call) => underWay.track(call) });
  const connection = serveOverStdio(create, {
    onclosing: async () => {
      waits.end();
      await underWay.ended(GRACE);
      // What has just ended is answered in the turn after.
      await nextTurn();
    },
    // The message of such an error may quote what the host sent, a follower's text included.
    onerror: (error) => log(`A message of the host could not be read or answered (${error.name}).`),
  });
  return { ...connection, announcement: [] };
}

// Loaded only for --http: a host that starts the server on stdio waits for it.
const loadHttp = () => import("./serve-http.js");

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

/** A defect. Its place is printed and not its message, which may hold what must not be printed. */
function endUnexpectedly(error: unknown): void {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  log(["The WeChat MCP server ends because of a defect.", ...frames].join("\n"));
  process.exit(1);
}

await main();
