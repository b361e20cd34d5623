// The first tier's test runner: every behaviour, no timing.
import { defineConfig } from "vitest/config";

const json = process.env["FLOWMETAL_TEST_JSON"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/long/**", "test/bench/**", "node_modules/**"],
    reporters: [
      "default",
      "./test/support/reporter.ts",
      ...(json === undefined ? [] : [["json", { outputFile: json }] as ["json", { outputFile: string }]]),
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Left alone, one core is kept free, which on two cores is half of them.
    maxWorkers: "100%",
    globalSetup: ["test/support/postgres/global.ts"],
  },
});
