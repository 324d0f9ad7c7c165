import { defineConfig } from "vitest/config";

const fast = ["packages/*/test/**/*.test.ts", "test/*.test.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "fast", include: fast } },
      // What needs a program that npm does not bring: redis-server, Chromium.
      { extends: true, test: { name: "system", include: ["test/system/**/*.test.ts"] } },
    ],
  },
});
