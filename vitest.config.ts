import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Two cores have two: half of the time a test waits for processes of its own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What hangs is ended; how quick a machine is fails no test.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
