import { isObject, type JsonObject } from "../../core/json.ts";
import { DAY_MS } from "../../core/retention.ts";
import type { Clock, UnixMs } from "../../core/time.ts";
import { createApiCaller, type ApiCaller, type Vendor } from "../api/caller.ts";
import type { ApiLimits } from "../api/limits.ts";
import {
  answered,
  bodyOf,
  deleted,
  mapped,
  noSuch,
  objectsIn,
  pathId,
  subscriptionIn,
  trimmedUrl,
  without,
} from "../api/parts.ts";
import type { StoreApi } from "../store-api.ts";

const PAGE_ORDERS = 100;
/**
 * Whether the list's dates are of an order's creation or of its cancellation is not said, nor in which zone: so it is
 * asked for as far back as orders are commonly cancelled after they were made, and a day ahead.
 */
const CREATED_BEFORE_MS = 30 * DAY_MS;

const VENDOR: Vendor = {
  product: "FastPOD",
  scopes: null,
  // Not published: as careful as with the strictest of the others.
  rate: { perSecond: 2, burst: 8 },
  headers: (token, hasBody) => ({
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...(hasBody && { "content-type": "application/json" }),
  }),
};

/**
 * FastPOD's API. What it has of webhooks is listed in its documentation by name only (List, Subscribe, Unsubscribe):
 * their addresses and fields here are those of its nearest relative, and unverified.
 * @see fastpodapi.apidog.io: `Authorization: Bearer`, `Accept: application/json`, envelope `{status: boolean, message,
 *   data}`; docs.swiftpod.com for `POST /v1/webhooks/subscribe {url, event, name}`; read 2026-11
 */
export function createFastpodApi(clock: Clock, limits?: ApiLimits): StoreApi & Pick<ApiCaller, "close"> {
  const caller = createApiCaller(VENDOR, clock, limits);
  const api: StoreApi = {
    topic: "order_notify",
    one_per_topic: false,

    async getOrder(store, orderId, patience) {
      const id = pathId(orderId);
      if (id === null) return noSuch("FastPOD", "order");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${trimmedUrl(to.url)}/v1/orders/${id}`, patience },
      }));
      return mapped(answer, ({ root }) => answered(bodyOf(root)));
    },

    async listCancelled(store, { since, cursor }) {
      const page = cursor ?? "1";
      const query = new URLSearchParams({
        status: "cancelled",
        start_date: dateOf(since - CREATED_BEFORE_MS),
        end_date: dateOf(clock.now() + DAY_MS),
        ...{ page, limit: String(PAGE_ORDERS) },
      });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${trimmedUrl(to.url)}/v1/orders?${query}` },
      }));
      return mapped(answer, ({ root }) => {
        const list = isObject(root.data) ? root.data : root;
        const orders = objectsIn(list.data);
        if (orders === null) return without("FastPOD", "a list of orders", { why: "nonsense" });
        return answered({
          orders: orders.map((data) => bodyOf({ data })),
          next: nextPage(page, list, orders),
        });
      });
    },

    async cancelOrder(store, orderId) {
      const id = pathId(orderId);
      if (id === null) return noSuch("FastPOD", "order");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${trimmedUrl(to.url)}/v1/orders/${id}/cancel` },
      }));
      return mapped(answer, ({ root }) => answered(bodyOf(root)));
    },

    async listSubscriptions(store) {
      const answer = await caller.ask(store, (to) => ({
        method: "GET",
        url: `${trimmedUrl(to.url)}/v1/webhooks`,
      }));
      return mapped(answer, ({ root }) => {
        const webhooks = objectsIn(root.data) ?? objectsIn(isObject(root.data) ? root.data.data : null);
        if (webhooks === null) return without("FastPOD", "a list of webhooks", { why: "nonsense" });
        return answered(webhooks.map((one) => subscriptionIn(one, FIELDS)).filter((one) => one !== null));
      });
    },

    async createSubscription(store, address) {
      const body = JSON.stringify({ url: address, event: api.topic, name: `goodcom-relay ${store.name}` });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${trimmedUrl(to.url)}/v1/webhooks/subscribe`, body },
      }));
      return mapped(answer, ({ root }) => {
        const made = subscriptionIn(root.data, FIELDS);
        return made === null ? without("FastPOD", "the webhook", { why: "unknown" }) : answered(made);
      });
    },

    async deleteSubscription(store, subscriptionId) {
      const id = pathId(subscriptionId);
      if (id === null) return answered(null);
      return deleted(
        await caller.ask(store, (to) => ({
          method: "DELETE",
          url: `${trimmedUrl(to.url)}/v1/webhooks/${id}`,
        })),
      );
    },
  };
  return { ...api, close: () => caller.close() };
}

const FIELDS = { topic: "event", address: "url" };

function dateOf(at: UnixMs): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Only an empty page is surely the last, where the list does not number them. */
function nextPage(page: string, list: JsonObject, orders: readonly JsonObject[]): string | null {
  const number = Number(page);
  const isLast = orders.length === 0 || (typeof list.last_page === "number" && number >= list.last_page);
  return isLast ? null : String(number + 1);
}
