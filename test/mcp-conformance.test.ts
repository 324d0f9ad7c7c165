import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_APP_ID, DEFAULT_APP_SECRET } from "@wechat-offiaccount/simulator";
import { expect, it, onTestFinished } from "vitest";
import { OPT_IN_TOOLS } from "../packages/mcp/src/tools/opt-in.js";
import { startHttp, TOKEN } from "../packages/mcp/test/support/http.js";
import { bearerProxy } from "./support/bearer-proxy.js";
import { simulated } from "./support/desk.js";
import { repository, run } from "./support/tarballs.js";

/** A run of the public conformance suite. */
interface Suite {
  /** The file in test/conformance that names what may fail. */
  readonly name: string;
  /** In node_modules. */
  readonly package: string;
  readonly args: readonly string[];
  /** How many checks succeed, by scenario: a scenario that checked nothing passes too. */
  readonly succeed: Readonly<Record<string, number>>;
  /** Scenarios whose messages were all compared with the protocol's schema. */
  readonly messages: number;
}

const ALWAYS = { "tools-list": 2, "prompts-list": 1, "dns-rebinding-protection": 2 };
const UNTIL_2025 = { ...ALWAYS, "server-initialize": 1, ping: 1 };

const EARLIER: readonly Suite[] = [
  {
    name: "0.1.13",
    package: "@modelcontextprotocol/conformance",
    args: ["--suite", "all"],
    succeed: { ...UNTIL_2025, "tools-list": 1 },
    messages: 0,
  },
];
const LATER: readonly Suite[] = [
  {
    name: "2025-11-25",
    package: "conformance-next",
    args: ["--requirements", "2025-11-25"],
    succeed: UNTIL_2025,
    messages: 29,
  },
  {
    name: "2026-07-28",
    package: "conformance-next",
    args: ["--requirements", "2026-07-28"],
    succeed: {
      ...ALWAYS,
      "tools-list": 3,
      "server-sse-multiple-streams": 1,
      "server-stateless": 24,
      "http-header-validation": 13,
      caching: 4,
      "input-required-result-unsupported-methods": 1,
      "tasks-dispatch-and-envelope": 2,
      "tasks-request-headers": 1,
    },
    messages: 46,
  },
];
// The later one imports fs.globSync, which Node 20 has not.
const SUITES = Number.parseInt(process.versions.node, 10) < 22 ? EARLIER : LATER;

/** Checks that succeed because a tool or a resource of the suite's own is not there. They prove nothing. */
const EMPTY = new Set([
  "sep-2164-no-empty-contents",
  "sep-2322-validate-input-responses",
  "sep-2322-error-on-protocol-error",
]);
const MESSAGES = "wire-schema-valid";

/**
 * Why a check may fail, by its scenario and what the suite says. A baseline would excuse it for any other reason too, and
 * the suite does not hold it against scenarios that it does not score.
 */
const REASONS: readonly (readonly [scenario: RegExp, said: RegExp])[] = [
  // It asks for a tool or a prompt of the suite's own.
  [/./, /\b(Tool|Prompt) '?(?!transfer_to_human|\w*wechat)\w+'? not found/],
  [
    /^(server-stateless|http-custom-header-server-validation)$/,
    /^Not testable: server (does not list|exposes no tool)/,
  ],
  [/^input-required-result-missing-input-response$/, /^Server returned JSON-RPC error instead of re-requesting/],
  [/^input-required-result-multi-round$/, /^Expected InputRequiredResult with inputRequests and requestState$/],
  [/^input-required-result-tampered-state$/, /^Prerequisite failed: could not get initial InputRequiredResult/],
  // It asks for what the server does not declare to have.
  [/^(resources-|caching$|logging-set-level$|tools-call-with-logging$)/, /Method not found$/],
  [/^sep-2164-resource-not-found$/, /got -32601|data\.uri is undefined/],
  [/^server-sse-/, /did not provide session ID|did not send (priming event|retry field)/],
  // An extension of the protocol, which the suite does not score.
  [/^tasks-/, /./],
];

interface Check {
  readonly scenario: string;
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
  readonly details?: { readonly message?: string };
}

/** What the suite noted in a folder for each scenario. */
async function readChecks(folder: string): Promise<readonly Check[]> {
  const ofEach = (await readdir(folder)).map(async (name) => {
    const [, scenario] = /^server-(.+?)-\d{4}-\d\d-\d\dT/.exec(name) ?? [];
    const checks: readonly Omit<Check, "scenario">[] = JSON.parse(
      await readFile(join(folder, name, "checks.json"), "utf8"),
    );
    return checks.map((check) => ({ ...check, scenario: scenario ?? name }));
  });
  return (await Promise.all(ofEach)).flat();
}

function countByScenario(checks: readonly Check[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { scenario } of checks) counts[scenario] = (counts[scenario] ?? 0) + 1;
  return counts;
}

/** The server with all that it can have, and where a client without a token reaches it. */
async function server(): Promise<string> {
  const simulator = await simulated();
  const env = {
    WECHAT_APP_ID: DEFAULT_APP_ID,
    WECHAT_APP_SECRET: DEFAULT_APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    WECHAT_INBOX: "memory",
    WECHAT_CALLBACK_TOKEN: "ca11backT0ken",
    WECHAT_ENCODING_AES_KEY: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
    WECHAT_MCP_TOOLS: OPT_IN_TOOLS.join(),
  };
  const { url } = await startHttp(env, ["--callback-path", "/wechat"]);
  // The suite has no flag or variable for a token. Host and Origin it sets itself, and the server checks them.
  return bearerProxy(url, TOKEN);
}

it.each(SUITES)(
  "the HTTP server passes the conformance suite, $name, but for what stands in the baseline",
  async (suite) => {
    const url = await server();
    const folder = await mkdtemp(join(tmpdir(), "conformance-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const baseline = `test/conformance/${suite.name}.yml`;
    const script = join("node_modules", suite.package, "dist/index.js");
    // Fails if a check fails that is not in the baseline, or passes though it is there.
    await run(
      process.execPath,
      [script, "server", "--url", url, ...suite.args, "--expected-failures", baseline, "-o", folder],
      { cwd: repository, maxBuffer: 2 ** 26 },
    ).catch(({ stdout, stderr }) => {
      const [, summary] = String(stdout).split("=== SUMMARY ===");
      throw new Error(`The suite failed.\n${summary ?? stdout}\n${stderr}`);
    });

    const checks = await readChecks(folder);
    const unexplained = checks
      .filter(({ status }) => status === "FAILURE" || status === "WARNING")
      .map(({ scenario, id, errorMessage, details }) => ({
        scenario,
        id,
        said: errorMessage ?? details?.message ?? "",
      }))
      .filter(({ scenario, said }) => !REASONS.some(([which, reason]) => which.test(scenario) && reason.test(said)));
    expect(unexplained).toEqual([]);
    const succeeded = checks.filter(({ status, id }) => status === "SUCCESS" && !EMPTY.has(id));
    expect(countByScenario(succeeded.filter(({ id }) => id !== MESSAGES))).toEqual(suite.succeed);
    expect(succeeded.filter(({ id }) => id === MESSAGES)).toHaveLength(suite.messages);
  },
);
