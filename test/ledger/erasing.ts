import type { ErasedBatch, ErasureSubject, NewErasure } from "../../src/core/erasure.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import type { InboundEntry, Ledger, NewDelivery } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, aTicket, aWebhook, HOUR, idOf, NOON } from "./entries.ts";

const NOBODY: ErasureSubject = {
  store: null,
  everything: false,
  orders: [],
  phone: null,
  email: null,
  customer_id: null,
};
/** When it was asked for: what is in the ledger by then is of before. */
export const ASKED = NOON + HOUR;

export function anErasure(n: number, told: Partial<ErasureSubject>): NewErasure {
  return { id: idOf("ERAS", n), asked_at: ASKED, by: "cli ana", subject: { ...NOBODY, ...told } };
}

export type Counts = Pick<ErasedBatch, "deliveries" | "webhooks">;

/** All batches of one erasure, from its begin. */
export async function erase(
  ledger: Ledger,
  n: number,
  told: Partial<ErasureSubject>,
  dryRun = false,
): Promise<Counts> {
  const erasure = anErasure(n, told);
  if (!dryRun) await ledger.beginErasure(erasure);
  return goOn(ledger, erasure, dryRun);
}

export async function goOn(ledger: Ledger, erasure: NewErasure, dryRun = false, limit = 3): Promise<Counts> {
  const sum = { deliveries: 0, webhooks: 0 };
  for (;;) {
    const batch = await ledger.eraseBatch({ erasure, limit, now: ASKED + 1, dry_run: dryRun });
    sum.deliveries += batch.deliveries;
    sum.webhooks += batch.webhooks;
    if (batch.done) return sum;
  }
}

export const MARKED = aTicket({
  reason: "Xaver Quill asked by telephone",
  buyer_note: "Klingel bei Zwiebelfisch",
  buyer: { name: "Xaver Quill", phone: "+49 30 5550123", address: "Birkenweg 9", town: "Hinterdorf" },
});
export const MARKS = /xaver|quill|zwiebelfisch|birkenweg|hinterdorf|5550123/i;

export function marked(n: number, told: Partial<NewDelivery> = {}): InboundEntry {
  const { order_id = `order-${n}` } = told;
  const body = Buffer.from(
    JSON.stringify({ id: order_id, customer: { id: "c-77", phone: "030 5550123", last_name: "Quill" } }),
  );
  const delivery = aDelivery(n, { ticket: MARKED, reason: MARKED.reason, ...told });
  return { webhook: aWebhook(n, { body, store: delivery.store ?? "" }), delivery };
}

/** Sent, refused in words that name the buyer, called back in more of them. */
export async function liveThrough(ledger: Ledger, n: number, state: Delivery["state"]): Promise<void> {
  await ledger.change(idOf("DLVR", n), {
    at: NOON,
    by: "relay",
    attempt: anAttempt({
      detail: "no such client: Quill of Hinterdorf",
      request: JSON.stringify({ order_json: { CustName: "Xaver Quill", CustPhone: "+49 30 5550123" } }),
      response: "client Xaver Quill is unknown",
    }),
    confirmation: {
      verdict: "rejected",
      message: "Quill came",
      time: "12:04",
      at: NOON,
      raw: '{"m":"Quill came"}',
    },
    decide: () => ({
      set: {
        state,
        next_attempt_at: null,
        last_error: "refused: Quill of Hinterdorf",
        attention: state === "dead" ? "dead" : null,
      },
      note: "staff refused it at the printer: Quill came",
    }),
  });
}

/** Of each delivery, oldest first. */
export async function forgotten(ledger: Ledger): Promise<boolean[]> {
  const deliveries = await ledger.listDeliveries({ limit: 100 });
  return deliveries.map(({ forgotten_at }) => forgotten_at !== null).reverse();
}

/** All that the ledger says to anybody. */
export async function allOf(ledger: Ledger): Promise<string> {
  const deliveries = await ledger.listDeliveries({ limit: 100 });
  const webhooks = await ledger.listWebhooks({ limit: 100 });
  const told = await Promise.all([
    ...deliveries.map(({ id }) => ledger.findDelivery(id)),
    ...webhooks.map(async ({ id }) => (await ledger.findWebhook(id))?.body?.toString()),
    ledger.listAlerts({ limit: 100 }),
    ledger.listErasures(100),
  ]);
  return JSON.stringify(told);
}
