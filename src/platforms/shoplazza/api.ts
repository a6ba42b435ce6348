import { isObject, type JsonObject } from "../../core/json.ts";
import { orderNamesOf } from "../../core/order-key.ts";
import { SECOND_MS, type Clock, type UnixMs } from "../../core/time.ts";
import { createApiCaller, type ApiCaller, type Vendor } from "../api/caller.ts";
import type { ApiLimits } from "../api/limits.ts";
import {
  answered,
  bodyOf,
  cursorText,
  deleted,
  mapped,
  noSuchOrder,
  objectsIn,
  ordersIn,
  pathId,
  pieceAt,
  subscriptionIn,
  toldAt,
  trimmedUrl,
  wayLost,
  without,
} from "../api/parts.ts";
import { textOf } from "../../core/text.ts";
import type { Told } from "../api/told.ts";
import type { StoreApi } from "../store-api.ts";

const VERSION_DEFAULT = "2022-01";
/** From here on bodies are wrapped and lists go by cursor. Versions are dates, so they sort. */
const CURSOR_SINCE = "2025-06";
/** Orders on a page: the most that is given. */
const PAGE_ORDERS = 250;

const TOPIC = "orders/cancelled";
const LIST_AT = [["data", "orders"], ["orders"]];

const VENDOR: Vendor = {
  product: "Shoplazza",
  scopes: { read: "read_order", write: "write_order" },
  // 2 a second, less a tenth: it counts what arrives, and on the way two questions come closer together.
  rate: { perSecond: 1.8, burst: 2 },
  // The vendor's page has 400 for credentials that are missing or invalid.
  refusesTokenWith: /unauthori[sz]ed|credential|access[ -]?token/i,
  headers: (token) => ({
    "access-token": token,
    "content-type": "application/json",
    accept: "application/json",
  }),
};

/**
 * Shoplazza's OpenAPI, version 2022-01 (flat bodies, pages by number) and those from 2025-06 on (wrapped bodies, `data`
 * around answers, pages by cursor). Answers of both forms are read whatever the version.
 * @see shoplazza.dev: "Order List" (`status`, `updated_at_min`, `limit` up to 250, `page`), "Order Detail", "Get Order
 *   Details By Number" (also `orders get-by-number` of its command line), "Cancel Order", "Webhook"; the cursor form (`page_size`, `cursor`, `data.cursor`) is told by clients of it; read 2026-11
 */
export function createShoplazzaApi(clock: Clock, limits?: ApiLimits): StoreApi & Pick<ApiCaller, "close"> {
  const caller = createApiCaller(VENDOR, clock, limits);
  return {
    topic: TOPIC,
    one_per_topic: true,
    ...ordersOf(caller),
    ...subscriptionsOf(caller),
    close: () => caller.close(),
  };
}

function ordersOf(
  caller: ApiCaller,
): Pick<StoreApi, "getOrder" | "findOrder" | "listCancelled" | "cancelOrder"> {
  return {
    async getOrder(store, orderId, patience) {
      const id = pathId(orderId);
      if (id === null) return noSuchOrder("Shoplazza");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders/${id}`, patience },
      }));
      return mapped(answer, (told) => answered(orderBody(told)));
    },

    async findOrder(store, orderName) {
      // People write it with a #, which is none of it.
      const [, number] = orderNamesOf(orderName);
      const id = pathId(number);
      if (id === null) return noSuchOrder("Shoplazza");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders/number/${id}` },
      }));
      return mapped(answer, (told) => {
        const { order } = inside(told);
        const isIt = textOf((isObject(order) ? order : inside(told)).number) === number;
        return isIt ? answered(orderBody(told)) : noSuchOrder("Shoplazza");
      });
    },

    async listCancelled(store, { since, cursor }) {
      const byCursor = usesCursor(store.api);
      const page = byCursor ? cursor : (cursor ?? "1");
      const query = new URLSearchParams({
        ...{ status: "cancelled", updated_at_min: isoTime(since) },
        [byCursor ? "page_size" : "limit"]: String(PAGE_ORDERS),
        ...(page !== null && { [byCursor ? "cursor" : "page"]: page }),
      });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders?${query.toString()}` },
        ...{ listAt: LIST_AT, isPage: true },
      }));
      return mapped(answer, (told) => {
        const orders = ordersIn(told);
        if (orders === null) return without("Shoplazza", "a list of orders", { why: "nonsense" });
        const next = byCursor ? nextCursor(inside(told), orders) : nextNumber(page, orders);
        return next === undefined
          ? wayLost("Shoplazza")
          : answered({ orders: orders.map((one) => bodyOf(one, "order")), next, told_at: toldAt(told) });
      });
    },

    async cancelOrder(store, orderId, { reason }) {
      const id = pathId(orderId);
      if (id === null) return noSuchOrder("Shoplazza");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/orders/${id}/cancel`, body: JSON.stringify({ reason }) },
      }));
      return mapped(answer, (told) => answered(orderBody(told)));
    },
  };
}

function subscriptionsOf(
  caller: ApiCaller,
): Pick<StoreApi, "listSubscriptions" | "createSubscription" | "deleteSubscription"> {
  return {
    async listSubscriptions(store) {
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/webhooks`, aboutWebhooks: true },
      }));
      return mapped(answer, (told) => {
        const webhooks = objectsIn(inside(told).webhooks);
        if (webhooks === null) return without("Shoplazza", "a list of webhooks", { why: "nonsense" });
        return answered(webhooks.map((one) => subscriptionIn(one)).filter((one) => one !== null));
      });
    },

    async createSubscription(store, address) {
      const webhook = { topic: TOPIC, address };
      const body = JSON.stringify(usesCursor(store.api) ? { webhook } : webhook);
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/webhooks`, body, aboutWebhooks: true },
      }));
      return mapped(answer, (told) => {
        const made = subscriptionIn(inside(told).webhook) ?? subscriptionIn(inside(told));
        return made === null ? without("Shoplazza", "the webhook", { why: "unknown" }) : answered(made);
      });
    },

    async deleteSubscription(store, subscriptionId) {
      const id = pathId(subscriptionId);
      if (id === null) return answered(null);
      return deleted(
        await caller.ask(store, (to) => ({
          ...{ method: "DELETE", url: `${baseOf(to)}/webhooks/${id}`, aboutWebhooks: true },
        })),
      );
    },
  };
}

interface To {
  url: string;
  version: string | null;
}

function baseOf({ url, version }: To): string {
  return `${trimmedUrl(url).replace(/\/openapi(\/[^/]*)?$/, "")}/openapi/${version ?? VERSION_DEFAULT}`;
}

function usesCursor(to: To | null): boolean {
  return (to?.version ?? VERSION_DEFAULT) >= CURSOR_SINCE;
}

/** Later versions put the answer into `data`. */
function insideOf({ root }: Told): string[] {
  return isObject(root.data) ? ["data"] : [];
}

function orderBody(told: Told): Buffer {
  return bodyOf(pieceAt(told, insideOf(told)) ?? told);
}

function inside({ root }: Told): JsonObject {
  return isObject(root.data) ? root.data : root;
}

function isoTime(at: UnixMs): string {
  return new Date(Math.floor(at / SECOND_MS) * SECOND_MS).toISOString().replace(".000Z", "Z");
}

function nextCursor(list: JsonObject, orders: readonly unknown[]): string | null | undefined {
  if (orders.length === 0 || list.has_more === false) return null;
  const next = cursorText(list.cursor);
  return next === null && list.has_more === true ? undefined : next;
}

/** Only an empty page is surely the last: a store may give fewer orders on one than it was asked for. */
function nextNumber(page: string | null, orders: readonly unknown[]): string | null {
  return orders.length === 0 ? null : String(Number(page) + 1);
}
