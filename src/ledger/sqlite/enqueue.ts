import type { Database, Statement } from "better-sqlite3";
import { revived } from "../../core/decide.ts";
import type { Delivery, Transition } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import type { Act, ActKey, EnqueueResult, InboundEntry, NewDelivery } from "../ledger.ts";
import type { ActKeys } from "./act-keys.ts";
import type { AlertWriter } from "./alerts.ts";
import { actOn, type DeliveryWriter } from "./change.ts";
import { createInsert } from "./insert.ts";
import type { RestoredLedger } from "./restored.ts";
import type { DeliveryReader } from "./rows.ts";
import { createWebhookWriter, type WebhookVerdict } from "./webhook-rows.ts";

/** Run inside the group commit. */
export interface Enqueue {
  enqueue(entry: InboundEntry): EnqueueResult;
  reenqueue(entry: InboundEntry, act: Act): EnqueueResult;
  add(delivery: NewDelivery, by: string, note: string, once?: ActKey): Delivery;
}

export function createEnqueue(
  db: Database,
  reader: DeliveryReader,
  writer: DeliveryWriter,
  restored: Pick<RestoredLedger, "mayBeRepeat">,
  alerts: Pick<AlertWriter, "quarantined" | "understood">,
  keys: ActKeys,
): Enqueue {
  const insert = createInsert(db, writer, restored);
  const webhooks = createWebhookWriter(db);
  const { firstOf, reprintOf } = createReads(db, reader);
  const { reviveOrKeep, tellOfReplay } = createRevivals(reader, writer);

  /** @param replay by whom, when it is not the store that sent it just now */
  function enter(entry: InboundEntry, replay?: Act): WebhookVerdict {
    if (entry.delivery === null) return { status: entry.status, delivery_id: null, reason: entry.reason };
    const origin = { webhook_id: entry.webhook.id, reprint_of: null, reprint_number: null };
    const act = replay ?? { at: entry.delivery.created_at, by: "relay" };
    if (insert(entry.delivery, origin, act, replay === undefined ? "received" : "replayed") !== null) {
      return { status: "accepted", delivery_id: entry.delivery.id, reason: null };
    }
    const seq = firstOf.get(entry.delivery.store, entry.delivery.order_id);
    if (seq === undefined) throw new Error(`delivery ${entry.delivery.id} conflicts with nothing`);
    return reviveOrKeep(seq, entry.delivery, replay);
  }

  /** The webhook's own row and its delivery; what `reenqueue` remembers of it. */
  function replay(entry: InboundEntry, act: Act): WebhookVerdict {
    const { id } = entry.webhook;
    const stored = webhooks.require(id);
    if (stored.delivery_id === null) {
      const verdict = enter(entry, act);
      webhooks.update(id, verdict);
      if (verdict.status !== "quarantined") alerts.understood(id, act.at);
      return verdict;
    }
    const seq = reader.requireSeq(stored.delivery_id);
    if (entry.delivery !== null) return reviveOrKeep(seq, entry.delivery, act);
    tellOfReplay(seq, reader.bySeq(seq), act);
    return { status: "duplicate", delivery_id: stored.delivery_id, reason: null };
  }

  return {
    enqueue(entry) {
      const verdict = enter(entry);
      webhooks.insert(entry.webhook, verdict);
      if (verdict.status === "quarantined") alerts.quarantined(entry.webhook, verdict.reason);
      return { webhook_id: entry.webhook.id, ...verdict };
    },

    reenqueue(entry, act) {
      keys.open(act.once, act.at);
      const receipt = { webhook_id: entry.webhook.id, ...replay(entry, act) };
      keys.remember(act.once, { receipt }, act.at);
      return receipt;
    },

    add(delivery, by, note, once) {
      const at = delivery.created_at;
      keys.open(once, at);
      const origin = { webhook_id: null, ...reprintOf(delivery.reprint_of) };
      const seq = insert(delivery, origin, { at, by }, note);
      if (seq !== null) {
        const added = reader.bySeq(seq);
        keys.remember(once, actOn(added), at);
        return added;
      }
      throw new RelayError(
        "conflict",
        `order ${delivery.order_id} has its cancellation in the ledger already`,
      );
    },
  };
}

/** What becomes of a delivery whose order is cancelled once more. */
function createRevivals(
  reader: DeliveryReader,
  writer: DeliveryWriter,
): {
  reviveOrKeep: (seq: number, again: NewDelivery, replay?: Act) => WebhookVerdict;
  tellOfReplay: (seq: number, delivery: Pick<Delivery, "state">, replay: Act) => void;
} {
  function tellOfReplay(seq: number, { state }: Pick<Delivery, "state">, { at, by }: Act): void {
    writer.tell(seq, { at, state, by, note: "its webhook was replayed: nothing changed" });
  }
  return {
    tellOfReplay,
    reviveOrKeep(seq, again, replay) {
      const first = reader.bySeq(seq);
      if (first.state !== "void") {
        if (replay !== undefined) tellOfReplay(seq, first, replay);
        return { status: "duplicate", delivery_id: first.id, reason: null };
      }
      writer.apply(seq, first, revival(again), replay?.at ?? again.created_at, replay?.by ?? "relay");
      return { status: "accepted", delivery_id: first.id, reason: null };
    },
  };
}

function createReads(
  db: Database,
  reader: DeliveryReader,
): {
  firstOf: Statement<[store: string | null, orderId: string], number>;
  /** A reprint of a reprint is one more reprint of the first delivery. */
  reprintOf: (named: string | null) => Pick<Delivery, "reprint_of" | "reprint_number">;
} {
  const firstOf = db
    .prepare<[store: string | null, orderId: string], number>(
      "SELECT seq FROM deliveries WHERE kind = 'cancellation' AND store = ? AND order_id = ?",
    )
    .pluck();
  const lastReprint = db
    .prepare<[string], number>("SELECT coalesce(max(reprint_number), 0) FROM deliveries WHERE reprint_of = ?")
    .pluck();
  return {
    firstOf,
    reprintOf(named) {
      if (named === null) return { reprint_of: null, reprint_number: null };
      const delivery = reader.bySeq(reader.requireSeq(named));
      const first = delivery.reprint_of ?? delivery.id;
      return { reprint_of: first, reprint_number: (lastReprint.get(first) ?? 0) + 1 };
    },
  };
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
