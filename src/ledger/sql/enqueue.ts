import { afterVerification, revived } from "../../core/decide.ts";
import type { Delivery, Transition } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import type { Origin } from "../../core/webhook.ts";
import type { Act, ActKey, EnqueueResult, InboundEntry, NewDelivery } from "../ledger.ts";
import type { ActKeys } from "./act-keys.ts";
import type { AlertWriter } from "./alerts.ts";
import { actOn, type DeliveryWriter } from "./change.ts";
import { createInsert } from "./insert.ts";
import type { Erasures } from "./erasures.ts";
import type { PackedAhead } from "./large-entries.ts";
import type { RestoredLedger } from "./restored.ts";
import type { DeliveryReader } from "./rows.ts";
import { alone, prepare, type Statement, type Work } from "./statement.ts";
import { createWebhookWriter, type WebhookVerdict } from "./webhook-rows.ts";

/** Run inside the group commit. */
export interface Enqueue {
  /** @param ahead what was packed of the entry before the transaction began */
  enqueue(entry: InboundEntry, act?: Act, ahead?: PackedAhead): Work<EnqueueResult>;
  reenqueue(entry: InboundEntry, act: Act): Work<EnqueueResult>;
  add(delivery: NewDelivery, by: string, note: string, once?: ActKey): Work<Delivery>;
}

export function createEnqueue(
  reader: DeliveryReader,
  writer: DeliveryWriter,
  memory: Pick<RestoredLedger, "mayBeRepeat"> & Pick<Erasures, "begin">,
  alerts: Pick<AlertWriter, "quarantined" | "understood">,
  keys: ActKeys,
): Enqueue {
  const insert = createInsert(writer, memory);
  const webhooks = createWebhookWriter();
  const { firstOf, reprintOf, isForgotten } = createReads(reader);
  const { reviveOrKeep, tellOfDuplicate } = createRevivals(reader, writer);

  function* enter(entry: InboundEntry, how: Arrival): Work<WebhookVerdict> {
    if (entry.delivery === null) return { status: entry.status, delivery_id: null, reason: entry.reason };
    const origin = {
      webhook_id: entry.webhook.id,
      reprint_of: null,
      reprint_number: null,
      forgotten_at: null,
    };
    const act = how.act ?? { at: entry.delivery.created_at, by: "relay" };
    if ((yield* insert(entry.delivery, origin, act, how.note, how.packedTicket)) !== null) {
      return { status: "accepted", delivery_id: entry.delivery.id, reason: null };
    }
    yield* alone();
    const first = yield* firstOf.get(entry.delivery.store, entry.delivery.order_id);
    if (first === undefined) throw new Error(`delivery ${entry.delivery.id} conflicts with nothing`);
    return yield* reviveOrKeep(first, entry.delivery, how);
  }

  /** The webhook's own row and its delivery; what `reenqueue` remembers of it. */
  function* replay(entry: InboundEntry, act: Act): Work<WebhookVerdict> {
    const { id } = entry.webhook;
    const stored = yield* webhooks.require(id);
    if (stored.delivery_id === null) {
      if (!stored.has_body) {
        throw new RelayError("conflict", `webhook ${id} has lost its body since: it was pruned, or erased`);
      }
      const verdict = yield* enter(entry, { ...REPLAYED, act });
      yield* webhooks.update(id, verdict);
      if (verdict.status !== "quarantined") yield* alerts.understood(id, act.at);
      return verdict;
    }
    const seq = yield* reader.requireSeq(stored.delivery_id);
    const first = { seq, ...(yield* reader.bySeq(seq)) };
    if (entry.delivery !== null) return yield* reviveOrKeep(first, entry.delivery, { ...REPLAYED, act });
    yield* tellOfDuplicate(first, { ...REPLAYED, act });
    return { status: "duplicate", delivery_id: stored.delivery_id, reason: null };
  }

  return {
    *enqueue(entry, act, ahead) {
      const now = entry.webhook.received_at;
      yield* keys.open(act?.once, now);
      const verdict = yield* enter(entry, { ...arrivalOf(entry), act, packedTicket: ahead?.ticket });
      const asksToErase = yield* beginErasure(entry, memory);
      const isRevived = verdict.status === "accepted" && verdict.delivery_id !== entry.delivery?.id;
      const keepBody = !asksToErase && !(isRevived && (yield* isForgotten(verdict.delivery_id)));
      yield* webhooks.insert(entry.webhook, verdict, keepBody, ahead?.body);
      if (verdict.status === "quarantined") yield* alerts.quarantined(entry.webhook, verdict.reason);
      const receipt = { webhook_id: entry.webhook.id, ...verdict };
      yield* keys.remember(act?.once, { receipt, ...(act?.told && { told: act.told }) }, now);
      return receipt;
    },

    *reenqueue(entry, act) {
      yield* keys.open(act.once, act.at);
      const receipt = { webhook_id: entry.webhook.id, ...(yield* replay(entry, act)) };
      yield* beginErasure(entry, memory);
      yield* keys.remember(act.once, { receipt }, act.at);
      return receipt;
    },

    add: createAdd(insert, reader, reprintOf, keys),
  };
}

/** In the transaction of its webhook, which may come only once. @returns whether the entry asks for one */
function* beginErasure(entry: InboundEntry, { begin }: Pick<Erasures, "begin">): Work<boolean> {
  if (entry.delivery !== null || entry.erasure === undefined) return false;
  yield* begin(entry.erasure);
  return true;
}

function createAdd(
  insert: ReturnType<typeof createInsert>,
  reader: DeliveryReader,
  reprintOf: ReturnType<typeof createReads>["reprintOf"],
  keys: ActKeys,
): Enqueue["add"] {
  return function* (delivery, by, note, once) {
    const at = delivery.created_at;
    yield* keys.open(once, at);
    const origin = { webhook_id: null, ...(yield* reprintOf(delivery.reprint_of)) };
    const seq = yield* insert(delivery, origin, { at, by }, note);
    if (seq !== null) {
      const added = yield* reader.bySeq(seq);
      yield* keys.remember(once, actOn(added), at);
      return added;
    }
    throw new RelayError("conflict", `order ${delivery.order_id} has its cancellation in the ledger already`);
  };
}

/** How an order's cancellation came, as the history of its delivery tells it. */
interface Arrival {
  /** Of a new delivery. */
  note: string;
  /** Of one that was `void`. */
  revival: string;
  /** Where there is a delivery already, and somebody's doing is worth a line. */
  duplicate: string;
  /** The store's API has said it: what waits to be asked about need not wait. */
  proven: boolean;
  /** Whose doing; none: the store's, or the relay's own. */
  act?: Act | undefined;
  packedTicket?: Buffer | undefined;
}

const AGAIN = "another webhook for this order, whose body is trusted";
const RECEIVED: Arrival = { note: "received", revival: AGAIN, duplicate: "", proven: false };
const REPLAYED: Arrival = {
  note: "replayed",
  revival: AGAIN,
  duplicate: "its webhook was replayed: nothing changed",
  proven: false,
};
const arrivalOf = ({ webhook }: InboundEntry): Arrival => ARRIVALS[webhook.origin ?? "webhook"];
const ARRIVALS: Record<Origin, Arrival> = {
  webhook: RECEIVED,
  reconcile: {
    note: "found by reconciliation: no webhook had brought it",
    revival: "found by reconciliation: the store's API says cancelled now",
    duplicate: "",
    proven: true,
  },
  cancel: {
    note: "cancelled at the store from here",
    revival: "cancelled at the store from here",
    duplicate: "cancelled at the store from here: it was in the ledger already",
    proven: true,
  },
};

/** Of the delivery an order has already, as much as tells a duplicate: most need no more. */
type Standing = Pick<Delivery, "id" | "state" | "lease_until"> & { seq: number };

/** What becomes of a delivery whose order is cancelled once more. */
function createRevivals(
  reader: DeliveryReader,
  writer: DeliveryWriter,
): {
  reviveOrKeep: (first: Standing, again: NewDelivery, how: Arrival) => Work<WebhookVerdict>;
  tellOfDuplicate: (first: Standing, how: Arrival) => Work<void>;
} {
  function* tellOfDuplicate({ seq, state }: Standing, how: Arrival): Work<void> {
    if (how.act === undefined) return;
    yield* writer.tell(seq, { at: how.act.at, state, by: how.act.by, note: how.duplicate });
  }
  return {
    tellOfDuplicate,
    *reviveOrKeep(first, again, how) {
      const { seq, id, state } = first;
      const at = how.act?.at ?? again.created_at;
      const by = how.act?.by ?? "relay";
      if (how.proven && state === "verifying" && first.lease_until === null) {
        const delivery = yield* reader.bySeq(seq);
        yield* writer.apply(seq, delivery, { ...proof(again, at, delivery), note: how.revival }, at, by);
        return { status: "accepted", delivery_id: id, reason: null };
      }
      if (state !== "void") {
        yield* tellOfDuplicate(first, how);
        return { status: "duplicate", delivery_id: id, reason: null };
      }
      yield* writer.apply(seq, yield* reader.bySeq(seq), revival(again, how), at, by);
      return { status: "accepted", delivery_id: id, reason: null };
    },
  };
}

function createReads(reader: DeliveryReader): {
  /** Nobody else changes the row before this transaction ends. */
  firstOf: Statement<[store: string | null, orderId: string], Standing>;
  /** A reprint of a reprint is one more reprint of the first delivery, and knows no more of the buyer. */
  reprintOf: (named: string | null) => Work<Pick<Delivery, "reprint_of" | "reprint_number" | "forgotten_at">>;
  isForgotten: (id: string | null) => Work<boolean>;
} {
  const FIRST_OF = `
    SELECT seq, id, state, lease_until FROM deliveries
    WHERE kind = 'cancellation' AND store = ? AND order_id = ?`;
  const firstOf = prepare<[store: string | null, orderId: string], Standing>(
    FIRST_OF,
    `${FIRST_OF} FOR UPDATE`,
  );
  const forgotten = prepare<[string]>("SELECT 1 FROM deliveries WHERE id = ? AND forgotten_at IS NOT NULL");
  const lastReprint = prepare<[string], number>(
    "SELECT coalesce(max(reprint_number), 0) FROM deliveries WHERE reprint_of = ?",
  ).pluck();
  return {
    firstOf,
    *isForgotten(id) {
      return id !== null && (yield* forgotten.get(id)) !== undefined;
    },
    *reprintOf(named) {
      if (named === null) return { reprint_of: null, reprint_number: null, forgotten_at: null };
      const delivery = yield* reader.bySeq(yield* reader.requireSeq(named));
      const first = delivery.reprint_of ?? delivery.id;
      const { forgotten_at } = delivery;
      return { reprint_of: first, reprint_number: ((yield* lastReprint.get(first)) ?? 0) + 1, forgotten_at };
    },
  };
}

/** Since the store's API denied it, it may have said otherwise, or the store may have been set to trust the body. */
function revival(again: NewDelivery, how: Arrival): Transition {
  const asked = revived(again.useful_until, again.created_at);
  if (again.state === "verifying") return asked;
  const { state, ticket, order_name, cancelled_at, reason } = again;
  return {
    set: { ...asked.set, state, ticket, order_name, cancelled_at, reason },
    note: how.revival,
  };
}

/** What the store is still to be asked, it has said meanwhile. One that is being asked right now is left to that. */
function proof(
  { ticket, order_name, cancelled_at, reason }: NewDelivery,
  now: number,
  first: Delivery,
): Transition {
  const found = { kind: "cancelled", ticket, order_name, cancelled_at, reason } as const;
  return afterVerification(first, found, { now, chance: () => 0 });
}
