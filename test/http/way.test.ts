import { describe, expect, test } from "vitest";
import type { AttemptRecord } from "../../src/ledger/ledger.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { way } from "../../src/http/dashboard/way.ts";
import { aDetail, anAttempt, NOW } from "./samples.ts";

/** What stands at each step of a delivery's page: a time, or why there is none. */
function stepsOf(own: Partial<Delivery>, attempts: AttemptRecord[]): Record<string, string> {
  const { text } = way({ ...aDetail(own), attempts }, { now: NOW, zone: "UTC" });
  const steps = text.matchAll(/<b>([^<]*)<\/b>\s*<span>(?:<time[^>]*>)?([^<]*)</g);
  return Object.fromEntries([...steps].map(([, name = "", said = ""]) => [name, said]));
}

const WAITING = {
  state: "pending",
  next_attempt_at: NOW + 9_000,
  accepted_at: null,
  printed_at: null,
} as const;
const REFUSED = anAttempt({
  ...{ outcome: "unavailable", http_status: null },
  detail: "not sent: the cloud refused the connection (ECONNREFUSED)",
});

describe("the way to paper", () => {
  test("bug: a slip that never left was said to be sent", () => {
    expect(stepsOf(WAITING, [REFUSED])).toMatchObject({ Sent: "waiting", Accepted: "not yet" });
    const dead = { ...WAITING, state: "dead", attention: "dead" } as const;
    expect(stepsOf(dead, [REFUSED])).toMatchObject({ Sent: "stopped here", Accepted: "not yet" });
  });

  test.each([
    { outcome: "unavailable", http_status: 503 },
    { outcome: "unknown", http_status: null },
    { outcome: "rejected", http_status: 200 },
  ] as const)("one that may have left was sent when it was: $outcome, $http_status", (came) => {
    const later = { ...REFUSED, number: 2, started_at: NOW };
    const said = stepsOf(WAITING, [anAttempt({ ...came, started_at: NOW - 20_000 }), later]);
    expect(said).toMatchObject({ Sent: "07:59:40", Accepted: "waiting" });
  });
});
