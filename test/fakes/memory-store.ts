import type { Answered, ApiFailureReason, StoreApi, Subscription } from "../../src/platforms/store-api.ts";

/** A store's API in memory: its orders and its subscriptions, and what goes wrong with it. */
export interface MemoryStore {
  api: StoreApi;
  /** By id: what the API answers for it. */
  orders: Map<string, Record<string, unknown>>;
  subscriptions: Subscription[];
  /** Orders on one page of a list. */
  pageSize: number;
  /** Every question fails like this while it is set. */
  failing: ApiFailureReason | null;
  /** The next question of this name fails like this, after it was done where `done` says so. */
  failOnce(method: Method, why: ApiFailureReason, done?: "done"): void;
  /** What was asked, such as `cancelOrder 1001`. */
  asked: string[];
  /** Runs before the next question is answered. */
  before: () => Promise<void>;
}

type Method = Exclude<keyof StoreApi, "topic" | "one_per_topic">;

/** @param one_per_topic as Shoplazza does */
export function createMemoryStore({ one_per_topic = false }: { one_per_topic?: boolean } = {}): MemoryStore {
  const once = new Map<Method, { why: ApiFailureReason; done: boolean }>();
  let made = 0;

  async function answer<Value>(
    method: Method,
    about: string,
    act: () => Value | ApiFailureReason,
  ): Promise<Answered<Value>> {
    store.asked.push(about === "" ? method : `${method} ${about}`);
    const { before } = store;
    store.before = () => Promise.resolve();
    await before();
    const fault = once.get(method);
    once.delete(method);
    if (store.failing !== null) return failure(store.failing);
    if (fault?.done === false) return failure(fault.why);
    const value = act();
    if (fault !== undefined) return failure(fault.why);
    return typeof value === "string" ? failure(value as ApiFailureReason) : { kind: "answered", value };
  }

  function bodyOf(orderId: string): Buffer | "not_found" {
    const order = store.orders.get(orderId);
    return order === undefined ? "not_found" : Buffer.from(JSON.stringify(order));
  }

  const store: MemoryStore = {
    ...{ orders: new Map(), subscriptions: [], pageSize: 50, failing: null, asked: [] },
    before: () => Promise.resolve(),
    failOnce: (method, why, done) => void once.set(method, { why, done: done === "done" }),
    api: {
      topic: "orders/cancelled",
      one_per_topic,
      getOrder: (_store, id) => answer("getOrder", id, () => bodyOf(id)),
      findOrder: (_store, name) =>
        answer("findOrder", name, () => {
          const found = [...store.orders.values()].filter((order) => order.name === name);
          return found.length > 1 ? "refused" : bodyOf(typeof found[0]?.id === "string" ? found[0].id : "");
        }),
      listCancelled: (_store, { since, cursor }) =>
        answer("listCancelled", cursor ?? "", () => {
          const all = [...store.orders.values()].filter(
            ({ cancelled_at, updated_at = cancelled_at }) =>
              isText(cancelled_at) && isText(updated_at) && Date.parse(updated_at) >= since,
          );
          const from = Number(cursor ?? 0);
          const next = from + store.pageSize;
          const orders = all.slice(from, next).map((order) => Buffer.from(JSON.stringify(order)));
          return { orders, next: next < all.length ? String(next) : null };
        }),
      cancelOrder: (_store, id, { reason, at }) =>
        answer("cancelOrder", id, () => {
          const order = store.orders.get(id);
          if (order === undefined) return "not_found";
          if (isText(order.cancelled_at) || order.shipped === true) return "refused";
          Object.assign(order, { cancelled_at: new Date(at).toISOString(), cancel_reason: reason });
          return bodyOf(id);
        }),
      listSubscriptions: () => answer("listSubscriptions", "", () => [...store.subscriptions]),
      createSubscription: (_store, address) =>
        answer("createSubscription", address, () => {
          const topic = store.api.topic;
          if (one_per_topic && store.subscriptions.some((one) => one.topic === topic)) return "refused";
          const subscription = { id: `sub-${++made}`, topic, address };
          store.subscriptions.push(subscription);
          return subscription;
        }),
      deleteSubscription: (_store, id) =>
        answer("deleteSubscription", id, () => {
          store.subscriptions = store.subscriptions.filter((one) => one.id !== id);
          return null;
        }),
    },
  };
  return store;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function failure(why: ApiFailureReason): Answered<never> {
  return { kind: "failed", why, detail: `the store said: ${why}`, http_status: null, retry_after_ms: null };
}
