import { expect, test } from "vitest";
import {
  afterClockSetBack,
  afterOutcome,
  afterProbe,
  afterTouch,
  isShut,
  OPEN_GATE,
} from "../../src/core/outage.ts";

const T0 = 1_800_000_000_000;
const refused = { kind: "unavailable", http_status: null, retry_after_ms: null } as const;
const lost = { kind: "unknown", http_status: null, retry_after_ms: null } as const;
const accepted = { kind: "accepted", http_status: 200, retry_after_ms: null } as const;

test("one refused connection shuts the gate; a probe after 2 s, then every 5 s; the first answer opens it", () => {
  const shut = afterOutcome(OPEN_GATE, refused, T0);
  expect(shut).toMatchObject({ shut_since: T0, probe_at: T0 + 2000, touch_at: T0 + 5000, unreachable: true });
  const probing = afterProbe(shut, T0 + 2000);
  const still = afterOutcome(probing, refused, T0 + 2100);
  expect(still).toMatchObject({ shut_since: T0, probe_at: T0 + 7000, touch_at: T0 + 7000 });
  expect(afterTouch(still, T0 + 7000)).toMatchObject({ probe_at: T0 + 7000, touch_at: T0 + 12_000 });
  expect(afterOutcome(still, accepted, T0 + 10_050)).toBe(OPEN_GATE);
});

test("deliveries that were already under way do not put the probe off", () => {
  const shut = afterOutcome(OPEN_GATE, refused, T0);
  expect(afterOutcome(shut, refused, T0 + 1900).probe_at).toBe(T0 + 2000);
});

test("single lost answers are bad luck, three in a row an outage", () => {
  const two = [lost, lost].reduce((gate, outcome) => afterOutcome(gate, outcome, T0), OPEN_GATE);
  expect(isShut(two)).toBe(false);
  expect(isShut(afterOutcome(two, lost, T0))).toBe(true);
  expect(isShut(afterOutcome(afterOutcome(two, accepted, T0), lost, T0))).toBe(false);
});

test("the Retry-After of a 429 puts the probe off, at most an hour", () => {
  const busy = { kind: "unavailable", http_status: 429, retry_after_ms: 30_000 } as const;
  expect(afterOutcome(OPEN_GATE, busy, T0)).toMatchObject({ probe_at: T0 + 30_000, unreachable: false });
  expect(afterOutcome(OPEN_GATE, { ...busy, retry_after_ms: 1e12 }, T0).probe_at).toBe(T0 + 3_600_000);
  // A 503's holds for its delivery only: the contract wants the cloud probed at least every 5 s.
  expect(afterOutcome(OPEN_GATE, { ...busy, http_status: 503 }, T0).probe_at).toBe(T0 + 2000);
});

test("a cloud that answers but takes nothing is tried with what waits: every 5 s, however long", () => {
  const busy = { kind: "unavailable", http_status: 503, retry_after_ms: 12_000 } as const;
  const shut = afterOutcome(OPEN_GATE, busy, T0);
  // Whoever waits was told to, most likely.
  expect(shut).toMatchObject({ touch_at: T0 + 12_000, unreachable: false });
  expect(afterTouch(shut, T0 + 12_000).touch_at).toBe(T0 + 17_000);
  expect(afterProbe(shut, T0 + 900_000)).toMatchObject({ touch_at: T0 + 905_000, probe_at: T0 + 905_000 });
  const unreachable = afterOutcome(OPEN_GATE, refused, T0);
  expect(afterTouch(unreachable, T0 + 900_000).touch_at).toBe(T0 + 905_000);
});

test("a clock that is set back does not put the probe off, and a probe that is near stays", () => {
  const HOUR = 3_600_000;
  const shut = afterOutcome(OPEN_GATE, refused, T0);
  const back = afterClockSetBack(shut, T0 - HOUR);
  expect(back).toMatchObject({
    shut_since: T0 - HOUR,
    probe_at: T0 - HOUR + 5000,
    touch_at: T0 - HOUR + 5000,
  });
  expect(afterClockSetBack(shut, T0 + 1000)).toEqual(shut);
});
