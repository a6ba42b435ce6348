import { notConfigured } from "./attempts.ts";
import { redriven } from "./core/decide.ts";
import type { AttemptOutcome, Delivery, Transition } from "./core/delivery.ts";
import type { ErasureSubject, NewErasure } from "./core/erasure.ts";
import { RelayError } from "./core/errors.ts";
import { needsVerifying, printerSchema, type PrinterSettings } from "./core/settings.ts";
import { marksOf, testTicket, type SlipMarks, type Ticket } from "./core/ticket.ts";
import { whyNoBody } from "./core/webhook.ts";
import { entryOf, usefulUntil } from "./intake.ts";
import type { ActKey, AttemptRecord, DeliveryDetail, EnqueueResult, NewDelivery } from "./ledger/ledger.ts";
import { deliveryOnce, type ActedOn, type Once } from "./once.ts";
import type { RelayDeps } from "./relay-deps.ts";
import { printerNow, storeNow } from "./settings-now.ts";

/**
 * What an operator can do with a delivery, a webhook or a printer. `by` names who did it, for the history
 * (core/actor.ts). Under a `key` an act is done once: asked for again it is what it first came to (decision 19).
 *
 * @throws `key_reused` when the key's act was another; `repeated` when it is still under way
 */
export interface OperatorActs {
  /** The same delivery again. @throws `not_found`, `conflict` (only a dead or held one, while its printer is configured) */
  redrive(deliveryId: string, by: string, key?: string): Promise<ActedOn>;
  /** A wanted second slip, as a delivery of its own. @throws `not_found`, `conflict` (a `verifying` or `void` one, or its printer is gone) */
  reprint(deliveryId: string, reason: string, by: string, key?: string): Promise<ActedOn>;
  /** A stored webhook read once more; dedupe holds. @throws `not_found`, `conflict` (its body is not kept) */
  replay(webhookId: string, by: string, key?: string): Promise<EnqueueResult>;
  /** @throws `not_found` */
  testSlip(printer: string, by: string, key?: string): Promise<ActedOn>;
  /** Begins to erase what is known of a buyer: written down now, and ended by the service if not by who asked. */
  forget(subject: ErasureSubject, by: string): Promise<NewErasure>;
  /** All it takes to draw a delivery's slip as it was last sent, or would be sent now. @throws `not_found` */
  slipOf(deliveryId: string): Promise<{ ticket: Ticket; marks: SlipMarks; printer: PrinterSettings }>;
}

export function createActs(deps: RelayDeps, once: Once): OperatorActs {
  const delivery = (key: string | undefined, request: string[], act: DeliveryAct): Promise<ActedOn> =>
    deliveryOnce(once, key, request, act);
  return {
    redrive: (id, by, key) => delivery(key, ["redrive", id], (actKey) => redrive(deps, id, by, actKey)),
    reprint: (id, reason, by, key) =>
      delivery(key, ["reprint", id, reason], (actKey) => reprint(deps, id, reason, by, actKey)),
    async replay(id, by, key) {
      const request = ["replay", id];
      const result = await once(key, request, async (actKey) => ({
        receipt: await replay(deps, id, by, actKey),
      }));
      if (!("receipt" in result)) throw new Error(`${request.join(" ")} is remembered as something else`);
      return result.receipt;
    },
    testSlip: (printer, by, key) =>
      delivery(key, ["test", printer], (actKey) => testSlip(deps, printer, by, actKey)),
    async forget(subject, by) {
      const erasure = { id: deps.makeId(), asked_at: deps.clock.now(), by, subject };
      await deps.ledger.beginErasure(erasure);
      deps.wake("erasure");
      return erasure;
    },
    slipOf: (deliveryId) => slipOf(deps, deliveryId),
  };
}

type DeliveryAct = (once: ActKey | undefined) => Promise<Delivery>;
async function redrive(deps: RelayDeps, id: string, by: string, once?: ActKey): Promise<Delivery> {
  const { delivery: before } = await found(deps, id);
  const { useful_for_s } = await configured(deps, before.printer);
  const store = before.store === null ? undefined : await storeNow(deps, before.store);
  const neverSent = before.kind === "cancellation" && before.attempt_count === 0;
  const verifyFirst = neverSent && store !== undefined && needsVerifying(store);
  const now = deps.clock.now();
  const decided: (Transition | null)[] = [];
  const delivery = await deps.ledger.change(id, {
    at: now,
    by,
    ...(once === undefined ? {} : { once }),
    decide: (row) => {
      const transition = redriven(row, verifyFirst, useful_for_s, { now });
      decided.push(transition);
      return transition;
    },
  });
  if (decided.at(-1) === null) {
    throw new RelayError(
      "conflict",
      `delivery ${id} is ${delivery.state}: only a dead or held one can be redriven; reprint gives a second slip`,
    );
  }
  deps.wake();
  deps.emit({ event: "delivery.redriven", ...names(delivery), detail: `was ${before.state}`, by });
  return delivery;
}

async function reprint(
  deps: RelayDeps,
  id: string,
  reason: string,
  by: string,
  once?: ActKey,
): Promise<Delivery> {
  const { delivery: first } = await found(deps, id);
  if (first.state === "verifying" || first.state === "void") {
    throw new RelayError(
      "conflict",
      `delivery ${id} is ${first.state}: the store has not confirmed the cancellation`,
    );
  }
  await configured(deps, first.printer);
  const copy = newDelivery(deps, first.ticket, first.printer, {
    kind: "reprint",
    platform: first.platform,
    store: first.store,
    order_id: first.order_id,
    cancelled_at: first.cancelled_at,
    reason: first.reason,
    reprint_of: first.id,
  });
  const delivery = await deps.ledger.add(copy, by, `reprint: ${reason}`, once);
  deps.wake();
  deps.emit({ event: "delivery.reprinted", ...names(delivery), detail: `of ${id}`, by });
  return delivery;
}

async function replay(deps: RelayDeps, id: string, by: string, once?: ActKey): Promise<EnqueueResult> {
  const webhook = await deps.ledger.findWebhook(id);
  if (webhook === null) throw new RelayError("not_found", `no webhook ${id}`);
  const store = await storeNow(deps, webhook.store);
  if (store === undefined) {
    throw new RelayError(
      "conflict",
      `webhook ${id} came for store ${webhook.store}, which is no longer configured`,
    );
  }
  const { body } = webhook;
  if (body === null) {
    throw new RelayError("conflict", `webhook ${id} cannot be replayed: ${whyNoBody(webhook)}`);
  }
  const startedAt = deps.clock.now();
  // Of a clock that was set back since, it came later than now: its delivery would wait for that moment.
  const received_at = Math.min(webhook.received_at, startedAt);
  const stored = { ...webhook, body, received_at };
  // Whoever replays a webhook wants its slip now, however long ago it came.
  const entry = entryOf(deps, stored, deps.platforms[store.platform], store, {
    usefulFrom: startedAt,
    proven: webhook.origin !== "webhook",
  });
  const result = await deps.ledger.reenqueue(entry, {
    at: startedAt,
    by,
    ...(once === undefined ? {} : { once }),
  });
  if (result.status === "accepted") deps.wake();
  // One that was not understood when it came, and still has its body.
  if ("erasure" in entry) deps.wake("erasure");
  deps.emit({
    event: "webhook.received",
    status: result.status,
    store: webhook.store,
    platform: webhook.platform,
    webhook: id,
    delivery: result.delivery_id,
    order: entry.delivery?.order_id ?? null,
    reason: `replayed by ${by}${result.reason === null ? "" : `: ${result.reason}`}`,
    body_bytes: body.length,
    duration_ms: deps.clock.now() - startedAt,
    replayed: true,
  });
  return result;
}

async function testSlip(deps: RelayDeps, printer: string, by: string, once?: ActKey): Promise<Delivery> {
  if ((await printerNow(deps, printer)) === undefined) {
    throw new RelayError("not_found", `no printer ${printer}: see \`relay printers list\``);
  }
  const now = deps.clock.now();
  const ticket = testTicket(printer, now);
  const test = newDelivery(deps, ticket, printer, {
    kind: "test",
    platform: null,
    store: null,
    order_id: ticket.order_id,
    cancelled_at: now,
    reason: ticket.reason,
    reprint_of: null,
  });
  const delivery = await deps.ledger.add(test, by, "test slip", once);
  deps.wake();
  deps.emit({ event: "printer.tested", delivery: delivery.id, printer, by });
  return delivery;
}

/** A slip for a printer that is gone would wait for it in vain. @throws `conflict` */
async function configured(deps: RelayDeps, name: string): Promise<PrinterSettings> {
  const printer = await printerNow(deps, name);
  if (printer === undefined) throw new RelayError("conflict", notConfigured(name));
  return printer;
}

async function slipOf(
  deps: RelayDeps,
  id: string,
): Promise<{ ticket: Ticket; marks: SlipMarks; printer: PrinterSettings }> {
  const { delivery, attempts } = await found(deps, id);
  const sends = attempts.filter((attempt) => attempt.kind === "send");
  const last = sends.at(-1);
  const printer =
    deps.printer(delivery.printer) ?? printerSchema.parse({ name: delivery.printer, api_key: "none" });
  const marks =
    last === undefined
      ? marksOf(delivery, deps.clock.now(), delivery.may_be_repeat)
      : marksOf(
          delivery,
          last.started_at,
          sends.slice(0, -1).some(mayHavePrinted) || isMarkedFromElsewhere(delivery, sends),
        );
  return { ticket: delivery.ticket, marks, printer };
}

/** By another slip of its order, or by a restored backup. */
function isMarkedFromElsewhere({ may_be_repeat }: Delivery, sends: readonly AttemptRecord[]): boolean {
  return may_be_repeat && sends.every(({ outcome }) => outcome !== "unknown");
}

function mayHavePrinted(attempt: AttemptRecord): boolean {
  const surelyNot: readonly AttemptOutcome["kind"][] = ["unavailable", "rejected"];
  return !surelyNot.includes(attempt.outcome);
}

async function found(deps: RelayDeps, id: string): Promise<DeliveryDetail> {
  const detail = await deps.ledger.findDelivery(id);
  if (detail === null) throw new RelayError("not_found", `no delivery ${id}`);
  return detail;
}

function newDelivery(
  deps: RelayDeps,
  ticket: Ticket,
  printer: string,
  own: Pick<
    NewDelivery,
    "kind" | "platform" | "store" | "order_id" | "cancelled_at" | "reason" | "reprint_of"
  >,
): NewDelivery {
  const now = deps.clock.now();
  return {
    ...own,
    id: deps.makeId(),
    state: "pending",
    printer,
    order_name: ticket.order_name,
    ticket,
    created_at: now,
    useful_until: usefulUntil(deps, printer, now),
  };
}

function names(
  delivery: Delivery,
): Pick<Delivery, "store" | "printer"> & { delivery: string; order: string } {
  return {
    delivery: delivery.id,
    order: delivery.order_id,
    store: delivery.store,
    printer: delivery.printer,
  };
}
