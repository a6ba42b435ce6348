import { ownWordsOf } from "./core/buyer.ts";
import type { AttemptOutcome, Delivery, Verification } from "./core/delivery.ts";
import { persistently } from "./core/errors.ts";
import { hideBuyer } from "./core/hide-buyer.ts";
import type { PrinterSettings } from "./core/settings.ts";
import { bareTicket, marksOf } from "./core/ticket.ts";
import type { PrintOrder, SendRequest } from "./goodcom/api.ts";
import type { AttemptRecord } from "./ledger/ledger.ts";
import type { Traced } from "./observe/traceparent.ts";
import type { RelayDeps } from "./relay-deps.ts";

// What a try sends, and what it leaves in the ledger for an operator to read.

/** A slip is always printed: what cannot be laid out goes out as `ORDER n CANCELLED`. */
function composeSurely(
  deps: Pick<RelayDeps, "compose">,
  delivery: Delivery,
  printer: PrinterSettings,
  now: number,
): PrintOrder {
  const marks = marksOf(delivery, now, delivery.may_be_repeat);
  try {
    return deps.compose(delivery.ticket, marks, printer);
  } catch {
    return deps.compose(bareTicket(delivery.ticket, "layout"), marks, printer);
  }
}

/** What goes out with one attempt; in words, why there is nothing to send. Never throws. */
export function requestOf(
  deps: Pick<RelayDeps, "compose" | "callbackUrl" | "trace">,
  delivery: Delivery,
  { endpoint, printer }: Pick<SendRequest, "endpoint"> & { printer: PrinterSettings | undefined },
  now: number,
): SendRequest | string {
  if (printer === undefined) return notConfigured(delivery.printer);
  try {
    return {
      ...{ endpoint, printer },
      order: composeSurely(deps, delivery, printer, now),
      callback_url: deps.callbackUrl(delivery.id),
      idempotency_key: delivery.id,
      signed_at: delivery.signed_at ?? now,
      ...(deps.trace && { traceparent: deps.trace.traceparentOf(delivery) }),
    };
  } catch {
    return "the slip could not be made, which is a fault of the relay: tell who maintains it";
  }
}

export function notConfigured(printer: string): string {
  return `printer ${printer} is not configured: apply its settings`;
}

/**
 * For a claimed delivery that may be another relay's by now: this one was paused, or cut off from the ledger. If it is
 * not, whoever is next to look has it, unmarked, and need not wait until its lease ends.
 */
export async function giveUp(
  { emit, ledger, clock, leadership }: Pick<RelayDeps, "emit" | "ledger" | "clock" | "leadership">,
  delivery: Delivery,
): Promise<null> {
  const { id, order_id, store, printer, state, lease_until } = delivery;
  emit({
    ...{ event: "delivery.lease_lost", delivery: id, order: order_id, store, printer, by: "relay" },
    detail:
      "this relay was held up for longer than its claim holds: it has sent nothing, and another attempt follows",
  });
  const by = leadership.id;
  if (by === null || lease_until === null || (state !== "sending" && state !== "verifying")) return null;
  const claim = { by, state, lease_until: { first: lease_until, last: lease_until }, id };
  await persistently(clock, lease_until, () => ledger.handBack(claim, clock.now()));
  return null;
}

/** Of one question to the store's API; the ledger numbers them. */
export function verifyAttempt(
  found: Exclude<Verification, { kind: "trusted" }>,
  startedAt: number,
  finishedAt: number,
): AttemptRecord {
  const outcome =
    found.kind === "cancelled" ? "accepted" : found.kind === "unavailable" ? "unavailable" : "rejected";
  return {
    kind: "verify",
    number: 0,
    signed_at: null,
    started_at: startedAt,
    finished_at: finishedAt,
    outcome,
    detail: found.kind === "cancelled" ? "the store's API says cancelled" : found.detail,
    http_status: null,
    request: null,
    response: null,
    clock_skew_ms: null,
  };
}

/** Of one POST to the printer cloud. */
export function sendAttempt(
  { attempt_count, signed_at }: Delivery,
  { kind, detail, http_status, response, clock_skew_ms }: AttemptOutcome,
  sent: string | null,
  startedAt: number,
  finishedAt: number,
): AttemptRecord {
  return {
    kind: "send",
    number: attempt_count,
    signed_at,
    started_at: startedAt,
    finished_at: finishedAt,
    outcome: kind,
    detail,
    http_status,
    request: sent,
    response,
    clock_skew_ms,
  };
}

/** What may be told of a cloud's answer: nothing of the buyer, and of a forgotten one, whom nobody knows, our own words. */
export function withoutBuyerOf<Said extends Pick<AttemptOutcome, "detail" | "http_status">>(
  said: Said,
  { forgotten_at, ticket }: Delivery,
): Said {
  const detail =
    forgotten_at === null ? hideBuyer(said.detail, ticket) : ownWordsOf({ ...said, kind: "send" });
  return { ...said, detail };
}

/** Likewise of a store's; one that confirms the cancellation has no words. */
export function withoutBuyerIn(found: Verification, { forgotten_at, ticket }: Delivery): Verification {
  if (found.kind === "cancelled" || found.kind === "trusted") return found;
  const { detail } = found;
  const told =
    forgotten_at === null
      ? hideBuyer(detail, ticket)
      : ownWordsOf({ kind: "verify", detail, http_status: null });
  return { ...found, detail: told };
}

/** What the log says of an attempt: no more than the ledger keeps, whose buyer may have been erased meanwhile. */
export function toldOf(attempt: AttemptRecord, { forgotten_at }: Delivery): string {
  return forgotten_at === null ? attempt.detail : ownWordsOf(attempt);
}

/** The trace to which an act on a delivery belongs. */
export function tracedOf({ id, webhook_id, traceparent }: Delivery, ended_at: number): Traced {
  return { root: webhook_id ?? id, traceparent, ended_at };
}
