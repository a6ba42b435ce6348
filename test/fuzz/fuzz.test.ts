import fc from "fast-check";
import { describe, test } from "vitest";
import { TARGETS } from "./targets.ts";

/** A short look on every run of the tests; `npm run fuzz` looks longer. */
describe("whatever a stranger sends", () => {
  test.each(TARGETS)("$name keeps its promises", ({ input, hold, runs }) => {
    fc.assert(fc.property(input, hold), { numRuns: runs });
  });
});
