#!/usr/bin/env node
import { Console } from "node:console";
import { announce } from "./announce.js";
import { type Configuration, readConfiguration } from "./configuration.js";
import { readFlags } from "./flags.js";
import { HELP } from "./help.js";
import { packageInfo } from "./package-info.js";
import { SettingsError, type SettingsProblem } from "./problems.js";
import { serverFactory } from "./server.js";
import { serveOverStdio } from "./transports/stdio.js";

/** Flags or settings are wrong; --help names it. */
const EXIT_USAGE = 2;

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { command, problems } = readFlags(process.argv.slice(2));
  if (problems.length === 0 && command === "help") {
    process.stdout.write(HELP);
  } else if (problems.length === 0 && command === "version") {
    process.stdout.write(`${packageInfo.version}\n`);
  } else {
    await start(problems);
  }
}

async function start(flagProblems: readonly SettingsProblem[]): Promise<void> {
  // stdout belongs to the protocol, whatever a dependency may want to print.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.on("uncaughtException", endUnexpectedly);
  const configuration = await configure(flagProblems);
  if (configuration === undefined) {
    process.exitCode = EXIT_USAGE;
    return;
  }
  await serve(configuration);
}

/** The configuration, or undefined after all that is wrong with flags and settings was printed. */
async function configure(flagProblems: readonly SettingsProblem[]): Promise<Configuration | undefined> {
  const problems = [...flagProblems];
  try {
    const configuration = await readConfiguration(process.env, log);
    if (problems.length === 0) return configuration;
    await configuration.close();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems);
  }
  log(`The WeChat MCP server cannot start: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}.`);
  for (const { name, problem, remedy } of problems) {
    log(`- ${name}: ${problem}.\n  ${remedy.en}\n  ${remedy.zh}`);
  }
  return undefined;
}

async function serve(configuration: Configuration): Promise<void> {
  const connection = serveOverStdio(serverFactory(configuration), {
    // The message of such an error may quote what the host sent, a follower's text included.
    onerror: (error) => log(`A message of the host could not be read or answered (${error.name}).`),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void connection.close());
  log(`${packageInfo.name} ${packageInfo.version} serves MCP on stdio.`);
  for (const line of announce(configuration)) log(line);
  await connection.closed;
  await configuration.close();
}

/** A defect. Its place is printed and not its message, which may hold what must not be printed. */
function endUnexpectedly(error: unknown): void {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  log(["The WeChat MCP server ends because of a defect.", ...frames].join("\n"));
  process.exit(1);
}

await main();
