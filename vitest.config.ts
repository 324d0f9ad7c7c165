import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const fast = ["packages/*/test/**/*.test.ts", "test/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    pool: "forks",
    // One less than the cores, as vitest does by itself, but two on two cores: half of the tests wait for a process that
    // they started or for a clock. Beyond eight the longest file decides.
    maxWorkers: Math.min(8, Math.max(2, availableParallelism() - 1)),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A poll waits for what is sure to come, on a busy machine too. It gives up only before the product's own time limits,
    // the shortest of which is 10 seconds: what they end would not be what the test waits for.
    expect: { poll: { timeout: 9_000 } },
    projects: [
      { extends: true, test: { name: "fast", include: fast } },
      // What needs a program that npm does not bring (redis-server, Chromium), and what starts the MCP inspector again and
      // again, which declares Node 22.19 or later and works on 20.
      { extends: true, test: { name: "system", include: ["test/system/**/*.test.ts"] } },
    ],
  },
});
