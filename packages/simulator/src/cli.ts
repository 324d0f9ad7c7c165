#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type AccountOptions, DEFAULT_WECHAT_ID } from "./accounts.js";
import { isObject, SimulatorOptionError } from "./options.js";
import { type CallbackOptions, callbackModeOf, DEFAULT_CALLBACK_TOKEN, readCallbackOptions } from "./push/callback.js";
import { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.js";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET, DEFAULT_FOLLOWER } from "./world.js";

const DEFAULT_PORT = 8787;
/** A command may run for weeks: it keeps less than the library. */
const LEDGER_SIZE = 10_000;

const HELP = `Usage: wechat-offiaccount-simulator [options]

A local WeChat: the Official Account API with its real rules, error codes and failures.

  --port N                  port to listen on (default ${DEFAULT_PORT}; 0: any free one)
  --host ADDRESS            address to listen on (default 127.0.0.1)
  --account APPID:SECRET    an account; may be repeated (default: ${DEFAULT_APP_ID} with a test secret)
  --callback URL            what followers do is pushed to this URL, as WeChat does
  --callback-token TOKEN    signs the pushes (default: WECHAT_CALLBACK_TOKEN, or ${DEFAULT_CALLBACK_TOKEN})
  --encoding-aes-key KEY    encrypts the pushes (default: WECHAT_ENCODING_AES_KEY, or none)
  --callback-mode MODE      plain, compatible or safe (default: safe with a key, else plain)
  --callback-format FORMAT  xml (default) or json
  --seed N                  seed of random faults, to repeat a run
  --help                    this text
  --version                 the version

The accounts' WeChat ID is ${DEFAULT_WECHAT_ID}: customer-service accounts are named name@${DEFAULT_WECHAT_ID}.
The phone to chat as a follower, the ledger and the control API: /simulator/ on the address it prints.
`;

const USAGE_ERROR = 2;

interface Command {
  readonly options: SimulatorOptions;
  readonly accounts: readonly AccountOptions[] | undefined;
  readonly callback: CallbackOptions;
}

function readCommand(args: readonly string[]): Command | "help" | "version" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      host: { type: "string" },
      account: { type: "string", multiple: true },
      callback: { type: "string" },
      "callback-token": { type: "string" },
      "encoding-aes-key": { type: "string" },
      "callback-mode": { type: "string" },
      "callback-format": { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
  if (values.help === true) return "help";
  if (values.version === true) return "version";
  const callback = readCallback(values);
  const accounts = values.account?.map(readAccount);
  const all = accounts ?? [{ appId: DEFAULT_APP_ID, secret: DEFAULT_APP_SECRET }];
  return {
    accounts,
    callback,
    options: {
      port: values.port === undefined ? DEFAULT_PORT : readWhole(values.port, "--port", 65_535),
      host: values.host,
      accounts: all.map((account) => ({ ...account, ...callback })),
      ledgerSize: LEDGER_SIZE,
      notice: (line) => process.stderr.write(`${line}\n`),
      ...(values.seed === undefined ? {} : { seed: readWhole(values.seed, "--seed", 2 ** 32 - 1) }),
    },
  };
}

const CALLBACK_FLAGS: Readonly<Record<keyof CallbackOptions, string>> = {
  callback: "callback",
  callbackToken: "callback-token",
  encodingAesKey: "encoding-aes-key",
  callbackMode: "callback-mode",
  callbackFormat: "callback-format",
};

/** The variables that stand in for a flag that is not given. */
const CALLBACK_VARIABLES = [
  ["callbackToken", "WECHAT_CALLBACK_TOKEN"],
  ["encodingAesKey", "WECHAT_ENCODING_AES_KEY"],
] as const satisfies readonly (readonly [keyof CallbackOptions, string])[];

/** The callback that all accounts get. On a command line others can read secrets: the environment may hold them. */
function readCallback(values: Readonly<Record<string, unknown>>): CallbackOptions {
  const given = Object.fromEntries(Object.entries(CALLBACK_FLAGS).map(([field, flag]) => [field, values[flag]]));
  if (given.callback === undefined) {
    const alone = Object.values(CALLBACK_FLAGS).find((flag) => values[flag] !== undefined);
    if (alone !== undefined) throw new SimulatorOptionError(`--${alone}`, "give --callback too");
    return {};
  }
  const variables = new Map<keyof CallbackOptions, string>();
  for (const [field, variable] of CALLBACK_VARIABLES) {
    if (given[field] !== undefined || process.env[variable] === undefined) continue;
    given[field] = process.env[variable];
    variables.set(field, variable);
  }
  return readCallbackOptions(given, (field) => variables.get(field) ?? `--${CALLBACK_FLAGS[field]}`);
}

function readAccount(value: string): AccountOptions {
  const [appId = "", secret = "", ...rest] = value.split(":");
  // The value itself is not repeated: it holds a secret.
  if (appId === "" || secret === "" || rest.length > 0 || /\s/.test(value)) {
    throw new SimulatorOptionError("--account", "give APPID:SECRET, without white space");
  }
  return { appId, secret };
}

function readWhole(value: string, flag: string, most: number): number {
  if (!/^\d{1,10}$/.test(value) || Number(value) > most) {
    throw new SimulatorOptionError(flag, `give a whole number from 0 to ${most}`);
  }
  return Number(value);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return isObject(manifest) ? String(manifest.version) : "unknown";
}

function greeting(simulator: Simulator, { accounts, callback }: Command): string {
  const appId = accounts?.[0]?.appId ?? DEFAULT_APP_ID;
  const secret = accounts === undefined ? DEFAULT_APP_SECRET : "YOUR_SECRET";
  const list =
    accounts === undefined ? `${appId}  (test AppSecret: ${secret})` : accounts.map((a) => a.appId).join(", ");
  const called =
    callback.callback === undefined ? "" : `  Callback  ${callback.callback}  (${callbackModeOf(callback)})\n`;
  return `WeChat simulator ${version()} 微信公众号模拟器

  API       ${simulator.url}/cgi-bin/
  Phone     ${simulator.url}/simulator/
  Account   ${list}
  Follower  ${DEFAULT_FOLLOWER}  (has just written: 5 replies within 48 h)
  Seed      ${simulator.seed}
${called}
Try 试一试:
  curl -s ${simulator.url}/cgi-bin/stable_token -d '{"grant_type":"client_credential","appid":"${appId}","secret":"${secret}"}'
  curl -s '${simulator.url}/cgi-bin/message/custom/send?access_token=ACCESS_TOKEN' -d '{"touser":"${DEFAULT_FOLLOWER}","msgtype":"text","text":{"content":"你好"}}'
  curl -s ${simulator.url}/simulator/faults -d '{"kind":"busy","times":2}'
  curl -s ${simulator.url}/simulator/act -d '{"openid":"${DEFAULT_FOLLOWER}","type":"text","text":"你好"}'

Ctrl-C ends it.
`;
}

function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof SimulatorOptionError) return { message: error.message, exitCode: USAGE_ERROR };
  const { code, port } = isObject(error) ? error : {};
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code === "string" && code.startsWith("ERR_PARSE_ARGS")) return { message, exitCode: USAGE_ERROR };
  if (code === "EADDRINUSE") {
    return {
      message: `port ${String(port)} is already in use; choose another with --port, or --port 0 for any free one`,
      exitCode: 1,
    };
  }
  return { message: `cannot start: ${message}`, exitCode: 1 };
}

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command === "help" || command === "version") {
    process.stdout.write(command === "help" ? HELP : `${version()}\n`);
    return;
  }
  const simulator = await createSimulator(command.options);
  const end = () => {
    void simulator.close();
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  process.stdout.write(greeting(simulator, command));
}

main().catch((error: unknown) => {
  const { message, exitCode } = explain(error);
  process.stderr.write(`wechat-offiaccount-simulator: ${message}\n${exitCode === USAGE_ERROR ? "See --help.\n" : ""}`);
  process.exitCode = exitCode;
});
