import type { StoreSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";

/** Why a store's API did not do what it was asked. */
export type ApiFailureReason =
  | "not_configured" // the store has no `api` in its settings
  | "unauthorized" // 401: the token is not taken
  | "forbidden" // 403: the token lacks a scope; `detail` names it
  | "not_found" // the API says, in its own way, that there is no such thing
  | "refused" // any other 4xx, or a failure told inside a 200: asking again changes nothing
  | "unavailable" // surely not done: no connection, 429, 503, or a read that failed
  | "unknown" // a change that may have been made: the answer did not come, or says a server's error
  | "nonsense"; // an answer that is not this API's: a wrong api.url is the likeliest cause

/** A question to a store's API that came to nothing. A value, not an error: it is expected. */
export interface ApiFailure {
  kind: "failed";
  why: ApiFailureReason;
  /** What happened and what to do, in one line, with the store's own words where it said any; never the token. */
  detail: string;
  /** These words, as they stand in `detail` behind a colon. */
  words?: string;
  http_status: number | null;
  retry_after_ms: number | null;
}

export type Answered<Value> = { kind: "answered"; value: Value } | ApiFailure;

/** One of the store's webhook subscriptions, of whatever topic. */
export interface Subscription {
  id: string;
  topic: string;
  /** As the store holds it; FastPOD's ends in a path token, so it goes into no log and no list. */
  address: string;
}

export interface OrderPage {
  /** One order each, as JSON text with every digit of its numbers kept: what `Platform.read` takes. */
  orders: Buffer[];
  /** Hand it in for the next page; null: this was the last. */
  next: string | null;
  /** By the store's own clock, as far as its answer tells. */
  told_at?: UnixMs | null;
  /** The first of a list: it may hold the same as the last of the list before. */
  begins?: boolean;
}

export interface CancelRequest {
  reason: string;
  /** The moment that SHOPLINE is told as `processed_at`. */
  at: UnixMs;
  /** SHOPLINE alone knows the following. Whether the goods go back into stock. */
  restock: boolean;
  /** Whether the store writes to the buyer. */
  email: boolean;
  /** A refund, as a decimal; null: the store is told nothing of money. */
  amount: string | null;
  /** ISO 4217; null where there is no amount. */
  currency: string | null;
}

/**
 * A store's Admin API. Reads are asked again a few times when they fail in passing (unless `once`); changes are asked
 * once. Each store's rate limit is kept to, and `Retry-After` honoured. Never throws; held to by
 * test/platforms/api-contract.ts.
 */
export interface StoreApi {
  /** What the platform calls the cancellation of an order where webhooks are subscribed to. */
  topic: string;
  /** Whether the platform refuses a second subscription of one topic. */
  one_per_topic: boolean;
  /** @param patience `once` where a schedule of its own asks again @returns the body, for `Platform.read` */
  getOrder(store: StoreSettings, orderId: string, patience: "once" | "again"): Promise<Answered<Buffer>>;
  /**
   * The one order that people call by this name, as `getOrder` tells it; `refused` when several are. Null: the platform
   * cannot be asked by it.
   */
  findOrder: ((store: StoreSettings, orderName: string) => Promise<Answered<Buffer>>) | null;
  /** A page of the orders that the store calls cancelled and that changed since, in the platform's own order. */
  listCancelled(
    store: StoreSettings,
    page: { since: UnixMs; cursor: string | null },
  ): Promise<Answered<OrderPage>>;
  /** @returns the body with the order as it is then */
  cancelOrder(store: StoreSettings, orderId: string, request: CancelRequest): Promise<Answered<Buffer>>;
  listSubscriptions(store: StoreSettings): Promise<Answered<Subscription[]>>;
  /** Subscribes the address to `topic`. */
  createSubscription(store: StoreSettings, address: string): Promise<Answered<Subscription>>;
  /** One that is gone already is deleted. */
  deleteSubscription(store: StoreSettings, id: string): Promise<Answered<null>>;
}
