import { defineConfig } from "vitest/config";

// "fast" needs nothing but Node and npm packages; "system" needs programs from the operating system
// (Chromium, Redis), which .ci/run installs.
export default defineConfig({
  test: {
    globalSetup: ["test/support/build.ts"],
    pool: "forks",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: "fast", include: ["packages/*/test/**/*.test.ts", "test/*.test.ts"] } },
      { extends: true, test: { name: "system", include: ["test/system/**/*.test.ts"] } },
    ],
  },
});
