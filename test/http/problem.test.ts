import { describe, expect, test } from "vitest";
import { ERROR_CODES, RelayError } from "../../src/core/errors.ts";
import { HttpProblem, problemOf } from "../../src/http/problem.ts";

describe("the table from refusals to HTTP", () => {
  const STATUSES: Record<(typeof ERROR_CODES)[number], number> = {
    not_found: 404,
    conflict: 409,
    key_reused: 422,
    repeated: 409,
    store_refused: 422,
    store_unavailable: 503,
    invalid: 400,
    ledger_unavailable: 503,
    ledger_in_use: 503,
    ledger_newer: 503,
    secret_unreadable: 500,
  };

  test.each(ERROR_CODES)("%s", (code) => {
    const { body } = problemOf(new RelayError(code, "the words inside"));
    expect(body.status).toBe(STATUSES[code]);
    expect(body.type).toBe(`urn:goodcom-relay:problem:${code}`);
    // What goes wrong inside may name paths and keys.
    const isTold = STATUSES[code] < 500 || code === "store_unavailable";
    const words = isTold ? "the words inside" : expect.not.stringContaining("the words inside");
    expect(body.detail).toEqual(words);
  });

  test("a ledger that is away says when to come again", () => {
    expect(problemOf(new RelayError("ledger_unavailable", "x")).headers).toEqual({ "Retry-After": "5" });
  });

  test("anything unknown is internal and says nothing", () => {
    for (const error of [
      new Error("password"),
      new TypeError("password"),
      "password",
      null,
      { status: 200 },
    ]) {
      const { body, headers } = problemOf(error);
      expect(body).toMatchObject({ status: 500, type: "urn:goodcom-relay:problem:internal" });
      expect(JSON.stringify([body, headers])).not.toContain("password");
    }
  });

  test("HTTP's own keep their words and headers", () => {
    const answer = problemOf(new HttpProblem("method_not_allowed", "By POST.", { Allow: "POST" }));
    expect(answer.headers).toEqual({ Allow: "POST" });
    expect(answer.body).toEqual({
      type: "urn:goodcom-relay:problem:method_not_allowed",
      title: "Method not allowed",
      status: 405,
      detail: "By POST.",
    });
  });
});
