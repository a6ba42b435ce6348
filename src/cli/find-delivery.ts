import type { Kit } from "../kit.ts";
import type { Delivery } from "../core/delivery.ts";
import { RelayError } from "../core/errors.ts";
import type { DeliveryDetail, Ledger, Webhook } from "../ledger/ledger.ts";
import { nearOrders } from "../answers/near-orders.ts";
import { webhookNaming } from "../answers/order-of-webhook.ts";
import { CommandFailed } from "./cli.ts";
import { settingsIfOpen } from "./kit.ts";

/** Deliveries of one order that are looked at. */
const LOOKED_AT_MAX = 50;
/** Deliveries of one order that are named when its number does not say which is meant, and stores. */
const NAMED_MAX = 5;

/** What was asked for, and what else there is of its order, newest first. */
export interface Found {
  detail: DeliveryDetail;
  others: Delivery[];
  /** Of another store's order of this number, which became no delivery. */
  unread?: Webhook | null;
}

/** What a person calls a delivery by. */
export const ID_OR_ORDER = "id-or-order";
/** For a number that several stores have. */
export const STORE_OF_ORDER = ["--store <name>", "the order is this store's"] as const;

/**
 * By the delivery's id, else by the order's number: its cancellation, where that is one.
 * @param store whose order it is; any unless given
 * @throws `not_found` with what is known of the order all the same; CommandFailed when several orders have this number
 */
export async function findDelivery(kit: Kit, which: string, store?: string): Promise<Found> {
  const { ledger } = kit;
  const byId = await ledger.findDelivery(which.toUpperCase());
  if (byId !== null) {
    if (store === undefined || byId.delivery.store === store) return { detail: byId, others: [] };
    const whose = byId.delivery.store === null ? "no store" : `store ${byId.delivery.store}`;
    throw new RelayError("not_found", `delivery ${byId.delivery.id} is of ${whose}, not of ${store}`);
  }
  const found = await ledger.listDeliveries({ order: which, limit: LOOKED_AT_MAX, ...(store && { store }) });
  if (found.length === 0) throw new RelayError("not_found", await nothingOf(kit, which, store));
  const cancellations = found.filter(({ kind }) => kind === "cancellation");
  const [only, another] = cancellations.length > 0 ? cancellations : found;
  if (only === undefined || another !== undefined) throw new CommandFailed(whichWords(which, found));
  const detail = await ledger.findDelivery(only.id);
  if (detail === null) throw new RelayError("not_found", `delivery ${only.id} is gone from the ledger`);
  const others = found.filter(({ id }) => id !== only.id);
  const told = new Set(found.map((one) => one.store));
  const unread = await webhookNaming(ledger, which, { store, told, statuses: ["quarantined"] });
  return { detail, others, unread };
}

function whichWords(which: string, found: readonly Delivery[]): string {
  const named = found.slice(0, NAMED_MAX).map(inShort).join(", ");
  const isOfSeveral = new Set(found.map(({ store }) => store)).size > 1;
  const how = isOfSeveral ? "give --store <name>, or the id of one" : "give the id of one";
  return `order ${which} has several deliveries; ${how}: ${named}`;
}

/** A printer's test has no store. */
function inShort({ id, state, store }: Delivery): string {
  return `${id} (${state}${store === null ? "" : `, ${store}`})`;
}

/** Why there is no delivery: what came was no cancellation, was not understood, or nothing came. */
async function nothingOf(kit: Kit, which: string, store: string | undefined): Promise<string> {
  const { ledger } = kit;
  const start = `no delivery with the id or order ${which}${store === undefined ? "" : ` of store ${store}`}`;
  const webhook = await webhookNaming(ledger, which, { store });
  if (webhook !== null) {
    const { id, status, reason } = webhook;
    return (
      `${start}, so nothing was printed: webhook ${id} of ${webhook.store} names it and is ${status}: ` +
      `${reason ?? "nobody wrote down why"}; see it with: relay webhooks show ${id}`
    );
  }
  const near = await nearOrders(ledger, which, store);
  if (near.length > 0) {
    const named = near.slice(0, NAMED_MAX).map((one) => `${one.order_name}: ${inShort(one)}`);
    return `${start} exactly; with the same digits there is ${named.join(", ")}`;
  }
  const stores = (await settingsIfOpen(kit))?.stores;
  if (stores?.length === 0 && !(await kit.serviceRunning())) {
    return `${start}: this ledger knows no store, and no service runs on it; is RELAY_DATABASE the service's?`;
  }
  if (store !== undefined && stores?.some(({ name }) => name === store) === false) {
    return `${start}, and no store of that name is configured now: see relay stores list`;
  }
  const refusing = await refusingStores(ledger, store);
  const why =
    refusing.length === 0
      ? "the store sent nothing of it, or its signature was refused (relay alerts list)"
      : `webhooks of ${refusing.join(", ")} are being refused now, this order's maybe among them (relay alerts list --state open)`;
  return (
    `${start}, and no webhook that was ignored or quarantined lately names it: ${why}; ask a store that has an api ` +
    "with: relay reconcile; look for a part of it with: relay deliveries list --q <part of it>"
  );
}

async function refusingStores(ledger: Ledger, store: string | undefined): Promise<string[]> {
  const open = await ledger.listAlerts({ state: "open", type: "webhook.refused", limit: NAMED_MAX });
  const names = open.flatMap((alert) => alert.store ?? []);
  return store === undefined ? names : names.filter((name) => name === store);
}
