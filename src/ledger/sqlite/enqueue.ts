import type { Database, Statement } from "better-sqlite3";
import { revived } from "../../core/decide.ts";
import type { Delivery, Transition } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import type { EnqueueResult, InboundEntry, NewDelivery } from "../ledger.ts";
import type { AlertWriter } from "./alerts.ts";
import type { DeliveryWriter } from "./change.ts";
import { createInsert } from "./insert.ts";
import type { RestoredLedger } from "./restored.ts";
import type { DeliveryReader } from "./rows.ts";
import { createWebhookWriter, type WebhookVerdict } from "./webhook-rows.ts";

/** Run inside the group commit. */
export interface Enqueue {
  enqueue(entry: InboundEntry): EnqueueResult;
  reenqueue(entry: InboundEntry): EnqueueResult;
  add(delivery: NewDelivery, by: string, note: string): Delivery;
}

export function createEnqueue(
  db: Database,
  reader: DeliveryReader,
  writer: DeliveryWriter,
  restored: Pick<RestoredLedger, "mayBeRepeat">,
  alerts: Pick<AlertWriter, "quarantined" | "understood">,
): Enqueue {
  const insert = createInsert(db, writer, restored);
  const webhooks = createWebhookWriter(db);
  const { firstOf, lastReprint } = createReads(db);

  function enter(entry: InboundEntry): WebhookVerdict {
    if (entry.delivery === null) return { status: entry.status, delivery_id: null, reason: entry.reason };
    const origin = { webhook_id: entry.webhook.id, reprint_of: null, reprint_number: null };
    if (insert(entry.delivery, origin, "relay", "received") !== null) {
      return { status: "accepted", delivery_id: entry.delivery.id, reason: null };
    }
    const seq = firstOf.get(entry.delivery.store, entry.delivery.order_id);
    if (seq === undefined) throw new Error(`delivery ${entry.delivery.id} conflicts with nothing`);
    return reviveOrKeep(seq, entry.delivery);
  }

  function reviveOrKeep(seq: number, again: NewDelivery): WebhookVerdict {
    const first = reader.bySeq(seq);
    if (first.state !== "void") return { status: "duplicate", delivery_id: first.id, reason: null };
    writer.apply(seq, first, revival(again), again.created_at, "relay");
    return { status: "accepted", delivery_id: first.id, reason: null };
  }

  /** A reprint of a reprint is one more reprint of the first delivery. */
  function reprintOf(named: string | null): Pick<Delivery, "reprint_of" | "reprint_number"> {
    if (named === null) return { reprint_of: null, reprint_number: null };
    const delivery = reader.bySeq(reader.requireSeq(named));
    const first = delivery.reprint_of ?? delivery.id;
    return { reprint_of: first, reprint_number: (lastReprint.get(first) ?? 0) + 1 };
  }

  return {
    enqueue(entry) {
      const verdict = enter(entry);
      webhooks.insert(entry.webhook, verdict);
      if (verdict.status === "quarantined") alerts.quarantined(entry.webhook, verdict.reason);
      return { webhook_id: entry.webhook.id, ...verdict };
    },

    reenqueue(entry) {
      const { id } = entry.webhook;
      const stored = webhooks.require(id);
      if (stored.delivery_id === null) {
        const verdict = enter(entry);
        webhooks.update(id, verdict);
        if (verdict.status !== "quarantined") {
          alerts.understood(id, entry.delivery?.created_at ?? entry.webhook.received_at);
        }
        return { webhook_id: id, ...verdict };
      }
      const verdict: WebhookVerdict =
        entry.delivery === null
          ? { status: "duplicate", delivery_id: stored.delivery_id, reason: null }
          : reviveOrKeep(reader.requireSeq(stored.delivery_id), entry.delivery);
      return { webhook_id: id, ...verdict };
    },

    add(delivery, by, note) {
      const origin = { webhook_id: null, ...reprintOf(delivery.reprint_of) };
      const seq = insert(delivery, origin, by, note);
      if (seq !== null) return reader.bySeq(seq);
      throw new RelayError(
        "conflict",
        `order ${delivery.order_id} has its cancellation in the ledger already`,
      );
    },
  };
}

function createReads(db: Database): {
  firstOf: Statement<[store: string | null, orderId: string], number>;
  lastReprint: Statement<[string], number>;
} {
  const firstOf = db
    .prepare<[store: string | null, orderId: string], number>(
      "SELECT seq FROM deliveries WHERE kind = 'cancellation' AND store = ? AND order_id = ?",
    )
    .pluck();
  const lastReprint = db
    .prepare<[string], number>("SELECT coalesce(max(reprint_number), 0) FROM deliveries WHERE reprint_of = ?")
    .pluck();
  return { firstOf, lastReprint };
}

/** Since the store's API denied it, the store may have been set to trust the body: then nothing is asked. */
function revival(again: NewDelivery): Transition {
  const asked = revived(again.useful_until, again.created_at);
  if (again.state === "verifying") return asked;
  const { state, ticket, order_name, cancelled_at, reason } = again;
  return {
    set: { ...asked.set, state, ticket, order_name, cancelled_at, reason },
    note: "another webhook for this order, whose body is trusted",
  };
}
