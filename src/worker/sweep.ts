import {
  afterCloudAccepted,
  afterConfirmTime,
  afterLostAttempt,
  afterUsefulTime,
  isHeld,
  LOST_ATTEMPT,
} from "../core/decide.ts";
import type { Delivery, Transition } from "../core/delivery.ts";
import type { Clock } from "../core/time.ts";
import type { AttemptRecord, Ledger } from "../ledger/ledger.ts";
import type { Emit, RelayEvent } from "../observe/events.ts";

/** Rows of one kind taken in one sweep: a long list is done over several, so that webhooks never wait. */
const SWEEP_ROWS_MAX = 200;

export interface SweepDeps {
  ledger: Ledger;
  clock: Clock;
  chance: () => number;
  emit: Emit;
}

/**
 * What nobody does but time: deliveries out of time, unconfirmed, or lost with a process that died.
 * @returns how many were lost: some of them may be held now
 */
export async function sweep(deps: SweepDeps): Promise<number> {
  const { useless, unconfirmed, lost } = await deps.ledger.overdue(deps.clock.now(), SWEEP_ROWS_MAX);
  for (const id of lost) await recoverOne(deps, id);
  for (const id of useless) {
    await changeAndTell(deps, id, "delivery.dead", (row) => afterUsefulTime(row, deps.clock.now()));
  }
  for (const id of unconfirmed) {
    await changeAndTell(deps, id, "delivery.unconfirmed", (row) => afterConfirmTime(row, deps.clock.now()));
  }
  return lost.length;
}

/**
 * At the start of a service, when no other can be at work: what a dead process left half done is due again.
 * @returns how many
 */
export async function recover(deps: SweepDeps): Promise<number> {
  const ids = await deps.ledger.abandoned();
  for (const id of ids) await recoverOne(deps, id);
  return ids.length;
}

/** The cloud accepted a delivery: those held back get their one more try. @returns how many */
export async function releaseHeld(deps: SweepDeps): Promise<number> {
  let released = 0;
  for (const id of await deps.ledger.held(SWEEP_ROWS_MAX)) {
    const moment = { now: deps.clock.now(), chance: deps.chance };
    const row = await deps.ledger.change(id, {
      at: moment.now,
      by: "relay",
      decide: (before) => afterCloudAccepted(before, moment),
    });
    if (row.state === "pending" && !isHeld(row)) released++;
  }
  return released;
}

async function recoverOne(deps: SweepDeps, id: string): Promise<void> {
  const detail = await deps.ledger.findDelivery(id);
  if (detail === null) return;
  const moment = { now: deps.clock.now(), chance: deps.chance };
  const before = detail.delivery;
  const attempt = before.state === "sending" ? { attempt: lostAttempt(before, moment.now) } : {};
  const delivery = await deps.ledger.change(id, {
    at: moment.now,
    by: "relay",
    ...attempt,
    decide: (row) => afterLostAttempt(row, moment),
  });
  deps.emit(notice("delivery.recovered", delivery, LOST_ATTEMPT));
  if (isHeld(delivery)) deps.emit(notice("delivery.held", delivery, LOST_ATTEMPT));
}

function lostAttempt(delivery: Delivery, now: number): AttemptRecord {
  return {
    kind: "send",
    number: delivery.attempt_count,
    signed_at: delivery.signed_at,
    // When it began died with the process; it cannot have been before the lease was taken.
    started_at: delivery.lease_until === null ? now : Math.min(now, delivery.lease_until - LEASE_MS),
    finished_at: now,
    outcome: "unknown",
    detail: LOST_ATTEMPT,
    http_status: null,
    request: null,
    response: null,
    clock_skew_ms: null,
  };
}

/** Longer than one attempt can take: connect 5 s, headers 30 s, body 10 s, and the record of it. */
export const LEASE_MS = 75_000;

async function changeAndTell(
  deps: SweepDeps,
  id: string,
  event: "delivery.dead" | "delivery.unconfirmed",
  decide: (row: Delivery) => Transition | null,
): Promise<void> {
  const decided: (Transition | null)[] = [];
  const delivery = await deps.ledger.change(id, {
    at: deps.clock.now(),
    by: "relay",
    decide: (row) => {
      const transition = decide(row);
      decided.push(transition);
      return transition;
    },
  });
  const transition = decided.at(-1);
  if (transition) deps.emit(notice(event, delivery, transition.note ?? ""));
}

/** A delivery that needs a person, or did. */
export function notice(
  event: "delivery.dead" | "delivery.unconfirmed" | "delivery.held" | "delivery.recovered",
  delivery: Delivery,
  detail: string,
): RelayEvent {
  return {
    event,
    delivery: delivery.id,
    order: delivery.order_id,
    store: delivery.store,
    printer: delivery.printer,
    detail,
    by: "relay",
  };
}
