import { FIRST_PROBE_MS, PROBE_EVERY_MS, RETRY_AFTER_MS_MAX } from "./backoff.ts";
import type { AttemptOutcome } from "./delivery.ts";
import type { UnixMs } from "./time.ts";

/**
 * What we believe of the cloud (or of one printer's account there). While it is away, one delivery at a time goes
 * out as a probe, and the others wait without burning attempts; the first answer ends it.
 */
export interface Gate {
  /** Since when nothing but probes goes out; null: all goes. */
  shut_since: UnixMs | null;
  /** While shut: from when on the next due delivery may go as a probe. */
  probe_at: UnixMs;
  /** While shut: when the next probe is made of what is not due, unless a delivery has gone by then. */
  touch_at: UnixMs;
  /** Shut because no connection could be made at all: then a bare connection already tells that it is back. */
  unreachable: boolean;
  /** `unknown` outcomes since the last answer. */
  unknown_in_row: number;
}

export const OPEN_GATE: Gate = {
  shut_since: null,
  probe_at: 0,
  touch_at: 0,
  unreachable: false,
  unknown_in_row: 0,
};

/** One lost answer is bad luck; this many in a row are an outage, and paper must not be risked on all. */
const UNKNOWN_IN_ROW_MAX = 3;

export function afterOutcome(
  gate: Gate,
  outcome: Pick<AttemptOutcome, "kind" | "http_status" | "retry_after_ms">,
  now: UnixMs,
): Gate {
  if (outcome.kind === "accepted" || outcome.kind === "rejected") return OPEN_GATE;
  const unknownInRow = outcome.kind === "unknown" ? gate.unknown_in_row + 1 : gate.unknown_in_row;
  const shut = isShut(gate) || outcome.kind === "unavailable" || unknownInRow >= UNKNOWN_IN_ROW_MAX;
  if (!shut) return { ...gate, unknown_in_row: unknownInRow };
  const told = now + Math.min(outcome.retry_after_ms ?? 0, RETRY_AFTER_MS_MAX);
  // A full account (429) is left alone for as long as it asks. A cloud that is away is looked for with what is due all the
  // same: its `Retry-After` holds for the delivery that was told, and one probe costs it nothing.
  const asked = outcome.http_status === 429 ? told : 0;
  return {
    shut_since: gate.shut_since ?? now,
    probe_at: Math.max(isShut(gate) ? gate.probe_at : now + FIRST_PROBE_MS, asked),
    touch_at: Math.max(isShut(gate) ? gate.touch_at : now + PROBE_EVERY_MS, told),
    unreachable: outcome.kind === "unavailable" && outcome.http_status === null,
    unknown_in_row: unknownInRow,
  };
}

export function isShut(gate: Gate): boolean {
  return gate.shut_since !== null;
}

/** A delivery goes out as a probe now: the next may follow in `PROBE_EVERY_MS`, whatever becomes of this one. */
export function afterProbe(gate: Gate, now: UnixMs): Gate {
  return { ...afterTouch(gate, now), probe_at: now + PROBE_EVERY_MS };
}

/**
 * Where the cloud answers, and the delivery that probes is to wait longer, another shows sooner whether it is back. Where no
 * connection comes about a bare one does.
 */
export function mayReplaceProber({ shut_since, unreachable }: Gate, now: UnixMs): boolean {
  return !unreachable && now >= (shut_since ?? now) + PROBE_EVERY_MS;
}

/** Another relay has found the outage: whoever looks after it goes on from what that one has seen. */
export function shutByOther(
  outage: { since: UnixMs; probe_at: UnixMs; unreachable: boolean },
  now: UnixMs,
): Gate {
  const { since, probe_at, unreachable } = outage;
  return { ...OPEN_GATE, shut_since: since, probe_at, touch_at: Math.max(now, probe_at), unreachable };
}

/** Another relay has found it gone: one delivery of this relay shows whether it is for this one, too. */
export function afterOthersWord(gate: Gate, now: UnixMs): Gate {
  return { ...gate, probe_at: now, touch_at: now };
}

/** The clock was set back: the next probe is no further off than probes ever are. A longer `Retry-After` is forgotten. */
export function afterClockSetBack(gate: Gate, now: UnixMs): Gate {
  return {
    ...gate,
    shut_since: gate.shut_since === null ? null : Math.min(gate.shut_since, now),
    probe_at: Math.min(gate.probe_at, now + PROBE_EVERY_MS),
    touch_at: Math.min(gate.touch_at, now + PROBE_EVERY_MS),
  };
}

/** A bare connection is tried now, or what waits. */
export function afterTouch(gate: Gate, now: UnixMs): Gate {
  return { ...gate, touch_at: now + PROBE_EVERY_MS };
}
