import type { PlatformName } from "../../core/cancellation.ts";
import type { JsonObject } from "../../core/json.ts";
import type { UnixMs } from "../../core/time.ts";
import type { OrderBook, SimulatedOrder, VendorOrders } from "./orders.ts";
import type { SubscriptionBook, VendorSubscriptions } from "./subscriptions.ts";

/** One request to the simulated API, understood as HTTP and no further. */
export interface Asked {
  /** What the route's pattern caught, decoded. */
  params: readonly string[];
  query: URLSearchParams;
  /** Empty where there was none, or no JSON object. */
  body: JsonObject;
}

export interface Answer {
  status: number;
  body: JsonObject;
  headers?: Record<string, string>;
}

/** What a route works on. */
export interface SimulatedShop {
  orders: OrderBook;
  subscriptions: SubscriptionBook;
  /** The simulator's own base, for links. */
  url: () => string;
  /**
   * Cancels and has it told to the subscriptions.
   * @param at the moment written into the order; the present one unless given
   * @throws Refused
   */
  cancel(orderId: string, reason: string, at?: UnixMs): SimulatedOrder;
}

export interface Route {
  method: "GET" | "POST" | "DELETE";
  /** Of the whole path without its query; its groups become `params`. */
  path: RegExp;
  /** What the token must be allowed to. */
  scope: string;
  /** @throws Refused */
  answer(asked: Asked, shop: SimulatedShop): Answer;
}

/** All that one store system does in its own way. */
export interface StoreVendor {
  platform: PlatformName;
  /** Requests that a token may make; null: as many as it likes. */
  rate: { per_s: number; burst: number } | null;
  /** What the request shows as its token; null: nothing that is one. */
  tokenIn(headers: Readonly<Record<string, string | string[] | undefined>>): string | null;
  routes: readonly Route[];
  refusal(status: number, words: string): Answer;
  order: VendorOrders;
  subscription: VendorSubscriptions;
  webhook: {
    /** @param version of the API by which it was subscribed; empty where there are none */
    bodyOf(order: SimulatedOrder, version: string, at: UnixMs): JsonObject;
    headersOf(version: string): Record<string, string>;
    /** Whether the vendor takes this answer for a success. */
    isTaken(status: number): boolean;
    /** From each failure to the next try. */
    retries_ms: readonly number[];
  };
}
