import { repeatAt, retryAt, REPEAT_DELAYS_MS, type Chance } from "./backoff.ts";
import type { AttemptOutcome, Confirmation, Delivery, Transition, Verification } from "./delivery.ts";
import { SECOND_MS, type UnixMs } from "./time.ts";

/**
 * The state machine of core/delivery.ts as functions: what happened, in; what becomes of the row, out. Pure:
 * the ledger writes what they return, in the transaction in which it read the delivery.
 */
export interface Moment {
  now: UnixMs;
  chance: Chance;
}

/** Settings of the printer that bear on the states. */
export interface PrinterTimes {
  endpoint: "cancelorder" | "submitorder" | "cancel_then_submit";
  confirm_within_s: number;
}

/** A store's API may lag behind its own webhook: "not cancelled" counts when it is said twice, this far apart. */
const DENIED_LOOKS = 2;
export const DENIED_AGAIN_MS = 2 * SECOND_MS;

/** A held delivery gets one more try when the cloud accepts another; then only an operator sends it again. */
export const UNKNOWN_LAST_TRY = REPEAT_DELAYS_MS.length + 1;

const RELEASED = { lease_until: null } as const;

/**
 * After one POST to Goodcom. When the delivery is no longer `sending` (the printer confirmed before the answer
 * came, or the attempt was taken for lost), what is known stays, and so does the lease of whoever works on it now.
 */
export function afterAttempt(
  delivery: Delivery,
  outcome: AttemptOutcome,
  printer: PrinterTimes,
  { now, chance }: Moment,
): Transition {
  if (delivery.state !== "sending") return { set: {}, note: null };
  switch (outcome.kind) {
    case "accepted":
      return {
        set: {
          ...RELEASED,
          state: "accepted",
          attention: null,
          next_attempt_at: null,
          accepted_at: now,
          confirm_by: now + printer.confirm_within_s * SECOND_MS,
          last_error: null,
        },
        note: "the cloud accepted it",
      };
    case "unavailable":
      return {
        set: {
          ...RELEASED,
          state: "pending",
          next_attempt_at: retryAt(delivery.retry_step, now, chance, outcome.retry_after_ms),
          retry_step: delivery.retry_step + 1,
          last_error: outcome.detail,
        },
        note: null,
      };
    case "unknown":
      return maybePrinted(delivery, outcome, { now, chance });
    case "rejected":
      if (printer.endpoint === "cancel_then_submit" && delivery.endpoint === null && outcome.order_unknown) {
        return {
          set: {
            ...RELEASED,
            state: "pending",
            endpoint: "submitorder",
            next_attempt_at: now,
            last_error: outcome.detail,
          },
          note: `the cloud does not know the order; goes to submitorder: ${outcome.detail}`,
        };
      }
      return died(`refused by the cloud: ${outcome.detail}`);
  }
}

/** What a dead process left in `sending`: as after an unknown outcome, but due at once. */
export function afterLostAttempt(delivery: Delivery, { now, chance }: Moment): Transition {
  if (delivery.state !== "sending") return { set: RELEASED, note: null };
  const transition = maybePrinted(delivery, { detail: LOST_ATTEMPT, retry_after_ms: null }, { now, chance });
  if (transition.set.next_attempt_at !== null) transition.set.next_attempt_at = now;
  return transition;
}
export const LOST_ATTEMPT = "the relay stopped before the answer came";

function maybePrinted(
  delivery: Delivery,
  { detail, retry_after_ms }: Pick<AttemptOutcome, "detail" | "retry_after_ms">,
  { now, chance }: Moment,
): Transition {
  const unknownCount = delivery.unknown_count + 1;
  const nextAt = repeatAt(unknownCount, now, chance, retry_after_ms);
  return {
    set: {
      ...RELEASED,
      state: "pending",
      // From 0 again: `retry_step` above 0 says "waits for the cloud", and is due at once when it is back.
      retry_step: 0,
      unknown_count: unknownCount,
      may_be_repeat: true,
      next_attempt_at: nextAt,
      attention: nextAt === null ? "repeat_limit" : delivery.attention,
      last_error: detail,
    },
    note:
      nextAt === null
        ? `sent ${unknownCount} times, may have printed; held ${unknownCount > UNKNOWN_LAST_TRY ? "until it is redriven" : "until the cloud works"}: ${detail}`
        : null,
  };
}

/** The cloud has accepted another delivery: a held one gets its one more try. Null: nothing to do. */
export function afterCloudAccepted(delivery: Delivery, { now }: Moment): Transition | null {
  if (!isHeld(delivery) || hadLastTry(delivery)) return null;
  return { set: { next_attempt_at: now }, note: "the cloud works again: one more try" };
}

/** Of a held delivery: it goes out no more by itself. */
export const hadLastTry = ({ unknown_count }: Delivery): boolean => unknown_count > UNKNOWN_LAST_TRY;

/** Sent as often as paper allows; waits for the cloud or a person. */
export function isHeld(delivery: Pick<Delivery, "state" | "next_attempt_at">): boolean {
  return delivery.state === "pending" && delivery.next_attempt_at === null;
}

/** After asking the store's API about a `verifying` delivery. */
export function afterVerification(
  delivery: Delivery,
  found: Verification,
  { now, chance }: Moment,
): Transition {
  // A late answer to a question that was given up: whoever works on the delivery now keeps it.
  if (delivery.state !== "verifying") return { set: {}, note: null };
  switch (found.kind) {
    case "cancelled": {
      const { ticket, order_name, cancelled_at, reason } = found;
      const set = { ...printable(now), ticket, order_name, cancelled_at, reason };
      return { set, note: "the store's API confirms the cancellation" };
    }
    case "trusted":
      return { set: printable(now), note: found.detail };
    case "not_cancelled":
      if (delivery.denied_count + 1 < DENIED_LOOKS) {
        return {
          set: {
            ...RELEASED,
            denied_count: delivery.denied_count + 1,
            next_attempt_at: now + DENIED_AGAIN_MS,
            last_error: found.detail,
          },
          note: null,
        };
      }
      return voided(found.detail);
    case "ignored":
      return voided(found.detail);
    case "unavailable":
      return {
        set: {
          ...RELEASED,
          attention: "verify_failing",
          next_attempt_at: retryAt(delivery.retry_step, now, chance, found.retry_after_ms),
          retry_step: delivery.retry_step + 1,
          last_error: found.detail,
        },
        note: null,
      };
  }
}

function printable(now: UnixMs): Transition["set"] {
  const set = { state: "pending", attention: null, next_attempt_at: now, retry_step: 0 } as const;
  return { ...RELEASED, ...set, last_error: null };
}

function voided(detail: string): Transition {
  return {
    set: { ...RELEASED, state: "void", attention: null, next_attempt_at: null, last_error: detail },
    note: detail,
  };
}

/** A further webhook for an order the store's API had denied: ask again. */
export function revived(usefulUntil: UnixMs, now: UnixMs): Transition {
  return {
    set: {
      state: "verifying",
      next_attempt_at: now,
      retry_step: 0,
      denied_count: 0,
      useful_until: usefulUntil,
      last_error: null,
    },
    note: "another webhook for this order: the store's API is asked again",
  };
}

/** The printer's word. Null: it changes nothing (the same again, or a verdict nobody knows). */
export function afterConfirmation(
  delivery: Delivery,
  confirmation: Confirmation,
  now: UnixMs,
): Transition | null {
  const settled = { ...RELEASED, next_attempt_at: null, confirm_by: null };
  if (confirmation.verdict === "accepted" && delivery.state !== "printed") {
    return {
      set: {
        ...settled,
        state: "printed",
        attention: null,
        accepted_at: delivery.accepted_at ?? now,
        printed_at: now,
        last_error: null,
      },
      note: told("the printer confirmed", confirmation),
    };
  }
  if (confirmation.verdict === "rejected" && delivery.state !== "printed" && delivery.state !== "rejected") {
    return {
      set: {
        ...settled,
        state: "rejected",
        attention: "rejected",
        accepted_at: delivery.accepted_at ?? now,
        last_error: told(REFUSED, confirmation),
      },
      note: told("staff refused it at the printer", confirmation),
    };
  }
  return null;
}

export const REFUSED = "refused at the printer";

/** The printer's words behind ours, but not when they are the same again. */
function told(ours: string, { message }: Confirmation): string {
  const theirs = message?.replace(/[\s.!。！]+$/u, "").toLowerCase();
  return message === null || theirs === ours || theirs === REFUSED ? ours : `${ours}: ${message}`;
}

/** Out of time. Null: not yet, or it no longer waits. */
export function afterUsefulTime(delivery: Delivery, now: UnixMs): Transition | null {
  const waits = delivery.state === "pending" || delivery.state === "verifying";
  if (!waits || now < delivery.useful_until) return null;
  const why = delivery.last_error === null ? "" : `; last: ${delivery.last_error}`;
  return died(`out of time: no longer useful to the kitchen${why}`);
}

/** Nobody confirmed in time. Null: somebody did, or it was told already. */
export function afterConfirmTime(delivery: Delivery, now: UnixMs): Transition | null {
  if (delivery.state !== "accepted" || delivery.confirm_by === null || now < delivery.confirm_by) return null;
  return {
    set: { confirm_by: null, attention: "unconfirmed" },
    note: "accepted by the cloud, but the printer has not confirmed",
  };
}

function died(detail: string): Transition {
  return {
    set: { ...RELEASED, state: "dead", attention: "dead", next_attempt_at: null, last_error: detail },
    note: detail,
  };
}

/**
 * An operator's redrive: a dead delivery (or a held one) goes out again, with its times and limits new, but
 * still marked if it, or another slip of its order, may have printed. One that was never verified is verified
 * first. Null: not in a state that can be redriven.
 */
export function redriven(
  delivery: Delivery,
  verifyFirst: boolean,
  usefulForS: number,
  { now }: Pick<Moment, "now">,
): Transition | null {
  if (delivery.state !== "dead" && !isHeld(delivery)) return null;
  return {
    set: {
      state: verifyFirst ? "verifying" : "pending",
      attention: null,
      next_attempt_at: now,
      retry_step: 0,
      unknown_count: 0,
      denied_count: 0,
      endpoint: null,
      useful_until: now + usefulForS * SECOND_MS,
    },
    note: "redriven",
    heeds_other_slips: true,
  };
}
