import { afterClockSetBack, type Wait } from "../core/clock-set.ts";
import {
  afterCloudAccepted,
  afterConfirmTime,
  afterLostAttempt,
  afterUsefulTime,
  isHeld,
  LOST_ATTEMPT,
} from "../core/decide.ts";
import type { Leadership } from "../core/leadership.ts";
import type { Delivery, Transition } from "../core/delivery.ts";
import { toRfc3339, type Clock, type UnixMs } from "../core/time.ts";
import type { AttemptRecord, Ledger, Restored } from "../ledger/ledger.ts";
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
 * What one service does for all.
 * @param latestAt the latest that the clock has ever said
 * @returns whether some delivery may be held now
 */
export async function sweepIfLeading(
  deps: SweepDeps & { leadership: Pick<Leadership, "leads" | "shared"> },
  now: UnixMs,
  latestAt: UnixMs,
): Promise<boolean> {
  const { leads, shared } = deps.leadership;
  if (!leads()) return true;
  const lost = await sweep(deps, now);
  // Not once alone: what was under way when the clock was set back is still written by the old one.
  if (now < latestAt) await shortenWaits(deps, now);
  // Others may hold some, too.
  return lost > 0 || shared;
}

/**
 * What nobody does but time: deliveries out of time, unconfirmed, or lost with a process that died. Here and below many
 * are changed together, so that they share commits: a slow disk or a distant database would take its time for each.
 * @param now of the look it belongs to, which has followed the clock: a lease ends by no other
 * @returns how many were lost: some of them may be held now
 */
async function sweep(deps: SweepDeps, now: UnixMs): Promise<number> {
  const { useless, unconfirmed, lost, orphaned } = await deps.ledger.overdue(now, SWEEP_ROWS_MAX);
  await Promise.all([
    ...lost.map((id) => recoverOne(deps, id, now)),
    ...orphaned.map(({ id, lease_until }) => recoverOne(deps, id, lease_until)),
  ]);
  await Promise.all([
    ...useless.map((id) =>
      changeAndTell(deps, id, "delivery.dead", (row) => afterUsefulTime(row, deps.clock.now())),
    ),
    ...unconfirmed.map((id) =>
      changeAndTell(deps, id, "delivery.unconfirmed", (row) => afterConfirmTime(row, deps.clock.now())),
    ),
  ]);
  return lost.length + orphaned.length;
}

/** What a backup holds as unsettled may have printed since: before anything goes out, it is marked. */
export async function takeUpRestored({ ledger, clock, emit }: SweepDeps): Promise<Restored | null> {
  const restored = await ledger.takeUpRestored(clock.now());
  if (restored === null) return null;
  const { backup_at, marked, forgotten } = restored;
  emit({ event: "ledger.restored", backup_at: toRfc3339(backup_at), marked, forgotten });
  return restored;
}

/** As above, while services run: a failover to a standby that lagged behind. Somebody has to fetch what is gone. */
export async function takeUpLost(deps: SweepDeps): Promise<void> {
  const restored = await takeUpRestored(deps);
  if (restored === null) return;
  const since = toRfc3339(restored.backup_at);
  const detail =
    `after ${since}, as in a failover to a standby that lags: relay reconcile --since ${since} ` +
    "fetches what was answered 200 since, where the store has an api; what may have printed says MAY BE A REPEAT";
  deps.emit({ event: "ledger.lost", since, detail });
}

/**
 * At the start of a service, when no other can be at work: what a dead process left half done is due again.
 * @returns how many
 */
export async function recover(deps: SweepDeps): Promise<number> {
  const ids = await deps.ledger.abandoned();
  await Promise.all(ids.map((id) => recoverOne(deps, id, Infinity)));
  return ids.length;
}

/** Longer than any look takes: so much later, the clock was set or the machine slept. */
export const CLOCK_JUMP_MS = 10_000;

/**
 * The clock was set, or the machine slept. What runs gets a whole lease: it is not lost because a clock says so. What
 * waits does not wait for the old clock. May be done again.
 */
export async function followClock(deps: SweepDeps, now: UnixMs): Promise<void> {
  const lease_until = now + LEASE_MS;
  const decide = (row: Delivery): Transition | null =>
    row.lease_until === null ? null : { set: { lease_until }, note: null };
  const ids = await deps.ledger.abandoned();
  await Promise.all(ids.map((id) => deps.ledger.change(id, { at: now, by: "relay", decide })));
}

/**
 * For a clock that was set back, now or while no process ran. In parts, soonest first: what was just shortened may be seen
 * once more, and nothing is decided for it.
 */
export async function shortenWaits({ ledger }: SweepDeps, now: UnixMs): Promise<void> {
  await ledger.setClockBack(now);
  const decide = (row: Wait): Transition | null => afterClockSetBack(row, now);
  const shorten = ({ id }: Wait): Promise<Delivery> => ledger.change(id, { at: now, by: "relay", decide });
  let after: Wait | undefined;
  do {
    const waits = await ledger.waitingBeyond(now, { limit: SWEEP_ROWS_MAX, ...(after && { after }) });
    const tooLong = waits.filter((wait) => decide(wait) !== null);
    const ahead = await Promise.all(tooLong.map(({ id }) => isAhead(ledger, id, now)));
    await Promise.all(tooLong.filter((_, index) => ahead[index]).map(shorten));
    after = waits.length < SWEEP_ROWS_MAX ? undefined : waits.at(-1);
  } while (after !== undefined);
}

/** Whether it was last written by a clock that was ahead; otherwise it waits as long as the cloud has asked for. */
async function isAhead(ledger: Ledger, id: string, now: UnixMs): Promise<boolean> {
  const detail = await ledger.findDelivery(id);
  if (detail === null) return false;
  const { delivery, attempts, history } = detail;
  const written = [delivery.created_at, attempts.at(-1)?.finished_at ?? 0, history.at(-1)?.at ?? 0];
  return Math.max(...written) > now;
}

/** The cloud accepted a delivery: those held back get their one more try. @returns whether there may be more of them */
export async function releaseHeld(deps: SweepDeps): Promise<boolean> {
  const ids = await deps.ledger.held(SWEEP_ROWS_MAX);
  const moment = { now: deps.clock.now(), chance: deps.chance };
  const decide = (before: Delivery): Transition | null => afterCloudAccepted(before, moment);
  await Promise.all(ids.map((id) => deps.ledger.change(id, { at: moment.now, by: "relay", decide })));
  return ids.length === SWEEP_ROWS_MAX;
}

/** @param leaseEndsBy what holds for longer is somebody's who works on it */
async function recoverOne(deps: SweepDeps, id: string, leaseEndsBy: UnixMs): Promise<void> {
  const before = await deps.ledger.readDelivery(id);
  if (before === null || (before.lease_until ?? Infinity) > leaseEndsBy) return;
  const moment = { now: deps.clock.now(), chance: deps.chance };
  const attempt = before.state === "sending" ? { attempt: lostAttempt(before, moment.now) } : {};
  const decided: (Transition | null)[] = [];
  const delivery = await deps.ledger.change(id, {
    at: moment.now,
    by: "relay",
    ...attempt,
    is_supposed: true,
    decide: (row) => {
      // Between the two reads its answer may have come after all, or it was recovered (start and sweep at once) and
      // taken again.
      const isStill = row.attempt_count === before.attempt_count && row.lease_until === before.lease_until;
      const transition = isStill ? afterLostAttempt(row, moment) : null;
      decided.push(transition);
      return transition;
    },
  });
  if (decided.at(-1) === null) return;
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
