import { isObject, type JsonObject } from "../../core/json.ts";
import { DAY_MS, type Clock, type UnixMs } from "../../core/time.ts";
import { createApiCaller, type ApiCaller, type Vendor } from "../api/caller.ts";
import type { ApiLimits } from "../api/limits.ts";
import {
  answered,
  bodyOf,
  deleted,
  mapped,
  noSuchOrder,
  objectsIn,
  ordersIn,
  pathId,
  subscriptionIn,
  toldAt,
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

const TOPIC = "order_notify";
/** Laravel's pager is either the answer itself or its `data`. */
const LIST_AT = [["data"], ["data", "data"]];

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
  return {
    topic: TOPIC,
    one_per_topic: false,
    ...ordersOf(caller, clock),
    ...subscriptionsOf(caller),
    close: () => caller.close(),
  };
}

function ordersOf(
  caller: ApiCaller,
  clock: Clock,
): Pick<StoreApi, "getOrder" | "findOrder" | "listCancelled" | "cancelOrder"> {
  return {
    async getOrder(store, orderId, patience) {
      const id = pathId(orderId);
      if (id === null) return noSuchOrder("FastPOD");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders/${id}`, patience },
      }));
      return mapped(answer, (told) => answered(bodyOf(told)));
    },

    findOrder: null,

    async listCancelled(store, { since, cursor }) {
      const page = cursor ?? "1";
      const query = new URLSearchParams({
        status: "cancelled",
        start_date: dateOf(since - CREATED_BEFORE_MS),
        end_date: dateOf(clock.now() + DAY_MS),
        ...{ page, limit: String(PAGE_ORDERS) },
      });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders?${query.toString()}` },
        ...{ listAt: LIST_AT, isPage: true },
      }));
      return mapped(answer, (told) => {
        const { data } = told.root;
        const orders = ordersIn(told);
        if (orders === null) return without("FastPOD", "a list of orders", { why: "nonsense" });
        const next = nextPage(page, isObject(data) ? data : told.root, orders);
        return answered({ orders: orders.map((one) => bodyOf(one, "data")), next, told_at: toldAt(told) });
      });
    },

    async cancelOrder(store, orderId) {
      const id = pathId(orderId);
      if (id === null) return noSuchOrder("FastPOD");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/orders/${id}/cancel` },
      }));
      return mapped(answer, (told) => answered(bodyOf(told)));
    },
  };
}

function subscriptionsOf(
  caller: ApiCaller,
): Pick<StoreApi, "listSubscriptions" | "createSubscription" | "deleteSubscription"> {
  const api: ReturnType<typeof subscriptionsOf> = {
    async listSubscriptions(store) {
      const answer = await caller.ask(store, (to) => ({
        method: "GET",
        url: `${baseOf(to)}/webhooks`,
        aboutWebhooks: true,
      }));
      return mapped(answer, ({ root }) => {
        const webhooks = objectsIn(root.data) ?? objectsIn(isObject(root.data) ? root.data.data : null);
        if (webhooks === null) return without("FastPOD", "a list of webhooks", { why: "nonsense" });
        return answered(webhooks.map((one) => subscriptionIn(one, FIELDS)).filter((one) => one !== null));
      });
    },

    async createSubscription(store, address) {
      const body = JSON.stringify({ url: address, event: TOPIC, name: `goodcom-relay ${store.name}` });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/webhooks/subscribe`, body },
        aboutWebhooks: true,
      }));
      if (answer.kind === "failed") return answer;
      const made = subscriptionIn(answer.value.root.data, FIELDS);
      if (made !== null) return answered(made);
      // SwiftPOD's answer is a message alone: what has been made stands in the list.
      const listed = await api.listSubscriptions(store);
      const found =
        listed.kind === "answered"
          ? listed.value.find((one) => one.address === address && one.topic === TOPIC)
          : undefined;
      return found === undefined ? without("FastPOD", "the webhook", { why: "unknown" }) : answered(found);
    },

    async deleteSubscription(store, subscriptionId) {
      const id = pathId(subscriptionId);
      if (id === null) return answered(null);
      return deleted(
        await caller.ask(store, (to) => ({
          method: "DELETE",
          url: `${baseOf(to)}/webhooks/${id}`,
          aboutWebhooks: true,
        })),
      );
    },
  };
  return api;
}

const FIELDS = { topic: "event", address: "url" };

/** People copy the address with its version, or without. */
function baseOf({ url }: { url: string }): string {
  return `${trimmedUrl(url).replace(/\/v1$/, "")}/v1`;
}

function dateOf(at: UnixMs): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Only an empty page is surely the last, where the list does not number them. */
function nextPage(page: string, list: JsonObject, orders: readonly unknown[]): string | null {
  const number = Number(page);
  const isLast = orders.length === 0 || (typeof list.last_page === "number" && number >= list.last_page);
  return isLast ? null : String(number + 1);
}
