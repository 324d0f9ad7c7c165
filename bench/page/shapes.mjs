// What the kept results must hold for the page to be made of them, and how they are read.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const amount = z.number().nonnegative();
const spread = z.object({ median: amount, least: amount, most: amount });
const some = (shape) => z.array(shape).min(1);

const client = z.object({
  sendsPerSecond: amount,
  cpuMicrosPerSend: amount,
  serverCore: amount,
  rateToRequest: spread,
  rateToDispatch: spread,
  rateToInner: spread,
  cpuToRequest: spread,
});
const contender = z.object({
  contender: z.string(),
  pushesPerSecond: amount,
  rateToBare: spread,
  cpuMicrosPerPush: amount,
  bareCpuToThis: spread,
});
const reading = z.object({
  messages: amount,
  heapMB: amount,
  rssMB: amount,
  messagesPerSecond: amount,
  delayP99: amount,
  handles: amount,
});
const cost = z.object({ milliseconds: z.number(), megabytes: z.number() });

/** Of `results`, by benchmark; in the order of the page. */
const RESULTS = {
  send: some(
    z.object({ wire: z.enum(["plain", "tls", "slow"]), inFlight: amount, clients: z.record(z.string(), client) }),
  ),
  tokens: some(
    z.object({
      scenario: z.string(),
      client: z.string(),
      tokenCalls: amount,
      sends: amount,
      failed: amount,
      delivered: amount,
      doubled: amount,
      toldAsSent: amount.optional(),
      toldAsFailed: amount.optional(),
    }),
  ),
  callback: some(z.object({ way: z.string(), kind: z.enum(["encrypted", "plain"]), contenders: some(contender) })),
  inbox: some(
    z.object({
      store: z.string(),
      sizes: some(amount),
      fillRates: some(amount),
      megabytes: z.array(amount),
      operations: some(z.object({ operation: z.string(), microseconds: some(amount), ratios: some(spread) })),
    }),
  ),
  text: z.object({
    growth: some(z.object({ text: z.string(), ratios: some(spread), microsecondsPerByte: amount })),
    loading: z.object({ milliseconds: amount, percentOfParser: amount }),
  }),
  "node-red": z.object({
    toRequest: z.object({ rate: spread, delayP99: spread }),
    soak: z.object({ readings: some(reading), endToHalf: z.object({ heap: amount, rate: amount }) }),
  }),
  start: z.object({
    startup: some(
      z.object({
        program: z.string(),
        group: z.string(),
        milliseconds: amount,
        cpuMilliseconds: amount,
        residentMB: amount,
        toFirst: z.object({ milliseconds: amount, cpu: amount, memory: amount }),
      }),
    ),
    installed: some(
      z.object({ program: z.string(), group: z.string(), packages: amount, files: amount, megabytes: amount }),
    ),
    imports: some(cost.extend({ module: z.string(), beyondZod: cost.optional() })),
  }),
  soak: z.object({
    // "flat", or what was found wrong: memory that grows, what was left open, lost or told falsely
    verdict: z.union([z.literal("flat"), some(z.string())]),
    doors: z.record(
      z.string(),
      z.object({
        samples: some(
          z.object({
            seconds: amount,
            heapMB: amount,
            externalMB: amount,
            rssMB: amount,
            handles: amount,
            delayP99: amount,
          }),
        ),
        latencyMs: z.object({ p50: amount, p90: amount, p99: amount, max: amount }),
        memory: z.object({
          ratio: amount,
          growthMBPerMinute: z.number(),
          externalGrowthMB: z.number(),
          residentRatio: amount,
        }),
        pushed: amount,
        outcomes: z.record(z.string(), amount),
      }),
    ),
  }),
};

export const NAMES = Object.keys(RESULTS);

/** Of `settings`, what the page needs. */
const SETTINGS = { text: { sizes: some(amount) }, "node-red": { inFlight: amount, soakMessages: amount } };
const setting = z.union([z.string(), z.number(), z.boolean()]);
const report = (name) =>
  z.object({
    at: z.iso.datetime(),
    machine: z.object({
      processor: z.string(),
      cores: amount,
      memoryGigabytes: amount,
      platform: z.string(),
      node: z.string(),
      loadBefore: amount,
      loadAfter: amount.optional(),
    }),
    versions: z.record(z.string(), z.string()),
    settings: z.object(SETTINGS[name] ?? {}).catchall(z.union([setting, z.array(setting)])),
    results: RESULTS[name],
  });

/**
 * @param folder with NAME.json of each benchmark
 * @returns the report by name; what has no file is left out
 * @throws Error that names the file and the field, where a file is not as it must be
 */
export async function readReports(folder) {
  const read = await Promise.all(NAMES.map(async (name) => [name, await readReport(folder, name)]));
  return Object.fromEntries(read.filter(([, kept]) => kept !== undefined));
}

async function readReport(folder, name) {
  const text = await readFile(join(folder, `${name}.json`), "utf8").catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (text === undefined) return undefined;
  const { data, error } = report(name).safeParse(parsed(text, name));
  if (error) throw new Error(`${name}.json is not what the benchmark "${name}" keeps:\n${z.prettifyError(error)}`);
  return data;
}

function parsed(text, name) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}.json is not JSON: ${error.message}`);
  }
}
