import { SECOND_MS, type Clock, type UnixMs } from "../../core/time.ts";
import { textOf } from "../../core/text.ts";
import { createApiCaller, type ApiCaller, type Vendor } from "../api/caller.ts";
import type { ApiLimits } from "../api/limits.ts";
import {
  answered,
  bodyOf,
  CURSOR_CHARS_MAX,
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

/** Ages out about a year after its date; a store may name another. */
const VERSION_DEFAULT = "v20250601";
/** Orders on a page: the most that is given. */
const PAGE_ORDERS = 100;

const VENDOR: Vendor = {
  product: "SHOPLINE",
  scopes: { read: "read_orders", write: "write_orders" },
  rate: { perSecond: 4, burst: 40 },
  traceHeader: "traceid",
  headers: (token) => ({
    authorization: `Bearer ${token}`,
    "content-type": "application/json; charset=utf-8",
    accept: "application/json",
  }),
};

/**
 * SHOPLINE's Admin REST API.
 * @see developer.shopline.com: "Get orders" (`ids`, `status`, `updated_at_min`, `limit` up to 100), "REST Admin API
 *   pagination" (the `link` header's `page_info`; with it every other filter is ignored), "Cancel order", "Webhooks",
 *   "Flow control" (4 a second, 40 at once); read 2026-11
 */
export function createShoplineApi(clock: Clock, limits?: ApiLimits): StoreApi & Pick<ApiCaller, "close"> {
  const caller = createApiCaller(VENDOR, clock, limits);
  const api: StoreApi = {
    topic: "orders/cancelled",
    one_per_topic: false,

    async getOrder(store, orderId, patience) {
      const query = new URLSearchParams({ ids: orderId.toWellFormed(), status: "any" });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders.json?${query}`, patience },
      }));
      return mapped(answer, ({ root }) => {
        const orders = objectsIn(root.orders);
        if (orders === null) return without("SHOPLINE", "a list of orders", { why: "nonsense" });
        const order = orders.find(({ id }) => textOf(id) === orderId);
        return order === undefined ? noSuch("SHOPLINE", "order") : answered(bodyOf({ order }));
      });
    },

    async listCancelled(store, { since, cursor }) {
      const query = new URLSearchParams(
        cursor === null
          ? { status: "cancelled", updated_at_min: isoTime(since), limit: String(PAGE_ORDERS) }
          : { page_info: cursor, limit: String(PAGE_ORDERS) },
      );
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders.json?${query}` },
      }));
      return mapped(answer, ({ root, headers }) => {
        const orders = objectsIn(root.orders);
        if (orders === null) return without("SHOPLINE", "a list of orders", { why: "nonsense" });
        return answered({ orders: orders.map(bodyOf), next: nextPage(headers.link) });
      });
    },

    async cancelOrder(store, orderId, { reason, at, restock, email, amount, currency }) {
      const id = pathId(orderId);
      if (id === null) return noSuch("SHOPLINE", "order");
      const body = {
        ...(amount !== null && { amount: Number(amount) }),
        cancel_reason: reason,
        ...(currency !== null && { currency }),
        ...{ email, processed_at: isoTime(at), restock },
      };
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/orders/${id}/cancel.json`, body: JSON.stringify(body) },
      }));
      return mapped(answer, ({ root }) => answered(bodyOf(root)));
    },

    async listSubscriptions(store) {
      const answer = await caller.ask(store, (to) => ({ method: "GET", url: `${baseOf(to)}/webhooks.json` }));
      return mapped(answer, ({ root }) => {
        const webhooks = objectsIn(root.webhooks);
        if (webhooks === null) return without("SHOPLINE", "a list of webhooks", { why: "nonsense" });
        return answered(webhooks.map((one) => subscriptionIn(one)).filter((one) => one !== null));
      });
    },

    async createSubscription(store, address) {
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/webhooks.json` },
        body: JSON.stringify({ webhook: { topic: api.topic, address, api_version: versionOf(to) } }),
      }));
      return mapped(answer, ({ root }) => {
        const made = subscriptionIn(root.webhook) ?? subscriptionIn(root);
        return made === null ? without("SHOPLINE", "the webhook", { why: "unknown" }) : answered(made);
      });
    },

    async deleteSubscription(store, subscriptionId) {
      const id = pathId(subscriptionId);
      if (id === null) return answered(null);
      return deleted(
        await caller.ask(store, (to) => ({ method: "DELETE", url: `${baseOf(to)}/webhooks/${id}.json` })),
      );
    },
  };
  return { ...api, close: () => caller.close() };
}

interface To {
  url: string;
  version: string | null;
}

function versionOf({ version }: To): string {
  return version ?? VERSION_DEFAULT;
}

/** People copy the address with its version, or without. */
function baseOf(to: To): string {
  return `${trimmedUrl(to.url).replace(/\/admin\/openapi(\/[^/]*)?$/, "")}/admin/openapi/${versionOf(to)}`;
}

/** ISO 8601 with an offset and without fractions, as the vendor's examples have it. */
function isoTime(at: UnixMs): string {
  return new Date(Math.floor(at / SECOND_MS) * SECOND_MS).toISOString().replace(".000Z", "+00:00");
}

/**
 * The next page's `page_info` out of the `link` header (RFC 8288). Its address is not followed: only this parameter is
 * taken, so that the token goes nowhere else.
 */
function nextPage(link: string | string[] | undefined): string | null {
  const text = Array.isArray(link) ? link.join(",") : (link ?? "");
  for (const [, address = "", relation = ""] of text.matchAll(
    /<([^<>]{1,8000})>\s*;[^<,]*\brel="?([^",;]+)"?/g,
  )) {
    if (relation.trim() !== "next" || !URL.canParse(address)) continue;
    const cursor = new URL(address).searchParams.get("page_info");
    if (cursor !== null && cursor !== "" && cursor.length <= CURSOR_CHARS_MAX) return cursor;
  }
  return null;
}
