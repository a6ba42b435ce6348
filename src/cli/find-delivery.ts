import type { Kit } from "../kit.ts";
import type { Delivery } from "../core/delivery.ts";
import { RelayError } from "../core/errors.ts";
import type { DeliveryDetail } from "../ledger/ledger.ts";
import { webhookNaming } from "../answers/order-of-webhook.ts";
import { CommandFailed } from "./cli.ts";

/** Deliveries of one order that are looked at. */
const LOOKED_AT_MAX = 50;
/** Deliveries of one order that are named when its number does not say which is meant. */
const NAMED_MAX = 5;

/** What was asked for, and what else there is of its order, newest first. */
export interface Found {
  detail: DeliveryDetail;
  others: Delivery[];
}

/**
 * By the delivery's id, else by the order's number: its cancellation, where that is one.
 * @throws `not_found` with what is known of the order all the same; CommandFailed when several orders have this number
 */
export async function findDelivery({ ledger }: Kit, which: string): Promise<Found> {
  const byId = await ledger.findDelivery(which.toUpperCase());
  if (byId !== null) return { detail: byId, others: [] };
  const found = await ledger.listDeliveries({ order: which, limit: LOOKED_AT_MAX });
  if (found.length === 0) throw new RelayError("not_found", await nothingOf(ledger, which));
  const cancellations = found.filter(({ kind }) => kind === "cancellation");
  const [only, another] = cancellations.length > 0 ? cancellations : found;
  if (only === undefined || another !== undefined) {
    const named = found.slice(0, NAMED_MAX).map(inShort);
    throw new CommandFailed(`order ${which} has several deliveries; show one by its id: ${named.join(", ")}`);
  }
  const detail = await ledger.findDelivery(only.id);
  if (detail === null) throw new RelayError("not_found", `delivery ${only.id} is gone from the ledger`);
  return { detail, others: found.filter(({ id }) => id !== only.id) };
}

/** A printer's test has no store. */
function inShort({ id, state, store }: Delivery): string {
  return `${id} (${state}${store === null ? "" : `, ${store}`})`;
}

/** Why there is no delivery: what came was no cancellation, was not understood, or nothing came. */
async function nothingOf(ledger: Kit["ledger"], which: string): Promise<string> {
  const start = `no delivery with the id or order ${which}`;
  const webhook = await webhookNaming(ledger, which);
  if (webhook !== null) {
    const { id, store, status, reason } = webhook;
    return (
      `${start}, so nothing was printed: webhook ${id} of ${store} names it and is ${status}: ` +
      `${reason ?? "nobody wrote down why"}; see it with: relay webhooks show ${id}`
    );
  }
  return (
    `${start}, and no webhook that was ignored or quarantined lately names it: the store sent nothing of it, or its ` +
    "signature was refused (relay alerts list); ask a store that has an api with: relay reconcile; " +
    "look for a part of it with: relay deliveries list --q <part of it>"
  );
}
