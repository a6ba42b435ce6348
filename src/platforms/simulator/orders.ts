import type { JsonObject } from "../../core/json.ts";
import type { UnixMs } from "../../core/time.ts";
import { Refused } from "./refused.ts";

/** An order as the store's API tells it. */
export type SimulatedOrder = JsonObject & { id: string };

/** How one store system keeps its orders. */
export interface VendorOrders {
  stateOf(order: SimulatedOrder): "open" | "cancelled" | "shipped";
  changedAt(order: SimulatedOrder): UnixMs;
  /** @param at the moment written into it @param now when it was done */
  cancelled(order: SimulatedOrder, reason: string, at: UnixMs, now: UnixMs): SimulatedOrder;
  /** How it refuses to cancel what is not open. */
  refusal: { status: number; cancelled: string; shipped: string; unknown: string };
}

export interface OrderFilter {
  /** `any` takes all; of the rest what is not `cancelled` is open. */
  status: string;
  /** Changed at this moment or later. */
  since?: UnixMs | undefined;
  /** Changed before this moment. */
  before?: UnixMs | undefined;
}

/** The orders of one simulated store. */
export interface OrderBook {
  /** Adds or replaces by `id`. */
  put(order: SimulatedOrder): void;
  get(id: string): SimulatedOrder | null;
  /** The latest changed first. */
  list(filter: OrderFilter): SimulatedOrder[];
  /** Those after this one in `list`'s order, wherever it has moved meanwhile; all of them where it is null. */
  after(orders: readonly SimulatedOrder[], place: Place | null): SimulatedOrder[];
  placeOf(order: SimulatedOrder): Place;
  /** @throws Refused when it is unknown or not open */
  cancel(id: string, reason: string, at: UnixMs, now: UnixMs): SimulatedOrder;
}

/** Where an order stands in a list that may change while it is read. */
export interface Place {
  at: UnixMs;
  id: string;
}

export function createOrderBook(vendor: VendorOrders): OrderBook {
  const orders = new Map<string, SimulatedOrder>();
  const placeOf = (order: SimulatedOrder): Place => ({ at: vendor.changedAt(order), id: order.id });

  return {
    put: (order) => void orders.set(order.id, order),
    get: (id) => orders.get(id) ?? null,
    list({ status, since = -Infinity, before = Infinity }) {
      return [...orders.values()]
        .filter((order) => {
          const { at } = placeOf(order);
          const isCancelled = vendor.stateOf(order) === "cancelled";
          return (status === "any" || isCancelled === (status === "cancelled")) && at >= since && at < before;
        })
        .sort((a, b) => compare(placeOf(a), placeOf(b)));
    },
    after: (list, place) => list.filter((order) => place === null || compare(place, placeOf(order)) < 0),
    placeOf,
    cancel(id, reason, at, now) {
      const order = orders.get(id);
      if (order === undefined) throw new Refused(404, vendor.refusal.unknown);
      const state = vendor.stateOf(order);
      if (state !== "open") throw new Refused(vendor.refusal.status, vendor.refusal[state]);
      const cancelled = vendor.cancelled(order, reason, at, now);
      orders.set(id, cancelled);
      return cancelled;
    },
  };
}

function compare(a: Place, b: Place): number {
  return b.at - a.at || (a.id < b.id ? -1 : Number(a.id > b.id));
}
