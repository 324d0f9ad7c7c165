#!/usr/bin/env node
import { readFileSync } from "node:fs";
import * as z from "zod";
import { type Command, readCommand, readManner } from "./cli/arguments.js";
import { doctor } from "./cli/doctor.js";
import { HELP } from "./cli/help.js";
import { defect, EXIT, type Outcome, usageError } from "./cli/outcome.js";
import { sheetOf } from "./cli/paper.js";
import { send } from "./cli/send.js";
import { WeChatClient } from "./client.js";
import { clientOptionsFromEnv } from "./env.js";
import { WeChatValidationError } from "./errors.js";

const packageJson = z.object({ version: z.string() });
const args = process.argv.slice(2);
const { env } = process;
const manner = readManner(args, env);

async function run(command: Command): Promise<void> {
  if (command.name === "help") end(EXIT.fine, HELP[manner.language]);
  else if (command.name === "version") end(EXIT.fine, `${version()}\n`);
  else report(await work(command));
}

async function work(command: Exclude<Command, { name: "help" | "version" }>): Promise<Outcome> {
  const client = new WeChatClient(clientOptionsFromEnv(env));
  const stopped = new AbortController();
  // Once: a second Ctrl-C ends the process as usual.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
  try {
    return command.name === "send"
      ? await send(client, command.to, command.text, stopped.signal)
      : await doctor(client, stopped.signal);
  } catch (error) {
    return defect(error, command.name === "send" ? "unknown" : undefined);
  }
}

function report({ exitCode, json, print, isResult }: Outcome): void {
  const stream = isResult || manner.json ? process.stdout : process.stderr;
  const text = manner.json ? `${JSON.stringify(json, null, 2)}\n` : print(sheetOf(stream, env), manner.language);
  end(exitCode, text, stream);
}

/** Ends the process when the text is out, or whoever reads has left. Exchanges that were given up are not waited for. */
function end(exitCode: number, text: string, stream: NodeJS.WriteStream = process.stdout): void {
  // Called for a broken pipe too, before the stream's error event.
  stream.write(text, () => process.exit(exitCode));
}

function version(): string {
  return packageJson.parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).version;
}

try {
  await run(readCommand(args));
} catch (error) {
  report(error instanceof WeChatValidationError ? usageError(error) : defect(error));
}
