import { orderNamesOf } from "../../core/order-key.ts";
import type { StoreSettings } from "../../core/settings.ts";
import { SECOND_MS, type Clock, type UnixMs } from "../../core/time.ts";
import { cleanLine, textOf } from "../../core/text.ts";
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
  subscriptionIn,
  toldAt,
  trimmedUrl,
  wayLost,
  type Piece,
  without,
} from "../api/parts.ts";
import { rootOfText } from "../body.ts";
import { evidenceOf } from "../fields.ts";
import type { Answered, ApiFailure, StoreApi } from "../store-api.ts";

/** Ages out about a year after its date; a store may name another. */
const VERSION_DEFAULT = "v20250601";
/** Orders on a page: the most that is given. */
const PAGE_ORDERS = 100;

const TOPIC = "orders/cancelled";
const LIST_AT = [["orders"]];

const VENDOR: Vendor = {
  product: "SHOPLINE",
  scopes: { read: "read_orders", write: "write_orders" },
  // 4 a second and 40 at once, less a tenth: it counts what arrives, and on the way two questions come closer together.
  rate: { perSecond: 3.6, burst: 36 },
  traceHeader: "traceid",
  headers: (token) => ({
    authorization: `Bearer ${token}`,
    "content-type": "application/json; charset=utf-8",
    accept: "application/json",
  }),
};

/**
 * SHOPLINE's Admin REST API.
 * @see developer.shopline.com: "Get orders" (`ids`, `name`, `status`, `hidden_order`, `updated_at_min`, `limit` up to 100),
 *   "Get an order count" (what each `status` takes in), "REST Admin API pagination" (the `link` header's `page_info`; with it
 *   every other filter is ignored), "Cancel order", "Webhooks", "Flow control" (4 a second, 40 at once); read 2026-11
 */
export function createShoplineApi(clock: Clock, limits?: ApiLimits): StoreApi & Pick<ApiCaller, "close"> {
  const caller = createApiCaller(VENDOR, clock, limits);
  return {
    topic: TOPIC,
    one_per_topic: false,
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
      const answer = await askOrders(caller, store, { ids: orderId.toWellFormed() }, patience);
      if (answer.kind === "failed") return answer;
      const order = answer.value.find(({ value }) => textOf(value.id) === orderId);
      return order === undefined ? noSuchOrder("SHOPLINE") : answered(bodyOf(order, "order"));
    },

    async findOrder(store, orderName) {
      for (const name of new Set(orderNamesOf(orderName.toWellFormed()))) {
        const answer = await askOrders(caller, store, { name }, "again");
        if (answer.kind === "failed") return answer;
        const [order, other] = answer.value.filter(({ value }) => textOf(value.name) === name);
        if (other !== undefined) return severalOf(orderName);
        if (order !== undefined) return answered(bodyOf(order, "order"));
      }
      return noSuchOrder("SHOPLINE");
    },

    async listCancelled(store, { since, cursor }) {
      const isArchive = cursor?.startsWith(ARCHIVE) ?? false;
      const page_info = isArchive ? (cursor?.slice(ARCHIVE.length) ?? "") : cursor;
      const begins = page_info === null || page_info === "";
      const which = isArchive ? { status: "any", hidden_order: "true" } : { status: "cancelled" };
      const query = new URLSearchParams({
        ...(begins ? { ...which, updated_at_min: isoTime(since) } : { page_info }),
        limit: String(PAGE_ORDERS),
      });
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/orders.json?${query.toString()}` },
        ...{ listAt: LIST_AT, isPage: true },
      }));
      // A version that does not know of the archive has shown what it has.
      if (isArchive && begins && isRefusal(answer)) return answered({ orders: [], next: null });
      return mapped(answer, (told) => {
        const orders = ordersIn(told);
        if (orders === null) return without("SHOPLINE", "a list of orders", { why: "nonsense" });
        const next = nextPage(told.headers.link);
        if (next === undefined) return wayLost("SHOPLINE");
        const bodies = orders
          .filter(({ text }) => !isArchive || isCancelled(text))
          .map((order) => bodyOf(order));
        const page = { orders: bodies, told_at: toldAt(told), begins };
        if (isArchive) return answered({ ...page, next: next === null ? null : ARCHIVE + next });
        return answered({ ...page, next: next ?? ARCHIVE });
      });
    },

    async cancelOrder(store, orderId, { reason, at, restock, email, amount, currency }) {
      const id = pathId(orderId);
      if (id === null) return noSuchOrder("SHOPLINE");
      const fields = {
        cancel_reason: reason,
        ...(currency !== null && { currency }),
        ...{ email, processed_at: isoTime(at), restock },
      };
      const body = amount === null ? JSON.stringify(fields) : withAmount(amount, fields);
      if (body === null) return noAmount(amount ?? "");
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/orders/${id}/cancel.json`, body },
      }));
      return mapped(answer, (told) => answered(bodyOf(told)));
    },
  };
}

/**
 * Orders that are cancelled and not archived are what the vendor calls `cancelled`. Those that are archived are a list of
 * their own, cancelled or not, and it goes second: its cursors begin with this, which none of the vendor's does.
 */
const ARCHIVE = "archive:";

function isRefusal(answer: Answered<unknown>): boolean {
  return answer.kind === "failed" && answer.why === "refused";
}

function isCancelled(text: string): boolean {
  return evidenceOf(rootOfText(text)?.cancelled_at) !== "no";
}

/** By `ids` or `name`, in whatever state; the store may give more than was asked for. */
async function askOrders(
  caller: ApiCaller,
  store: StoreSettings,
  which: { ids: string } | { name: string },
  patience: "once" | "again",
): Promise<Answered<Piece[]>> {
  const query = new URLSearchParams({ ...which, status: "any" });
  const answer = await caller.ask(store, (to) => ({
    ...{ method: "GET", url: `${baseOf(to)}/orders.json?${query.toString()}`, patience, listAt: LIST_AT },
  }));
  return mapped(answer, (told) => {
    const orders = ordersIn(told);
    if (orders === null) return without("SHOPLINE", "a list of orders", { why: "nonsense" });
    return answered(orders.map(({ text }) => ({ text, value: rootOfText(text) ?? {} })));
  });
}

function severalOf(orderName: string): ApiFailure {
  const detail = `SHOPLINE has several orders called ${cleanLine(orderName, NAME_CHARS_MAX)}: give the id of one`;
  return { kind: "failed", why: "refused", detail, http_status: null, retry_after_ms: null };
}
const NAME_CHARS_MAX = 64;

function subscriptionsOf(
  caller: ApiCaller,
): Pick<StoreApi, "listSubscriptions" | "createSubscription" | "deleteSubscription"> {
  return {
    async listSubscriptions(store) {
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "GET", url: `${baseOf(to)}/webhooks.json`, aboutWebhooks: true },
      }));
      return mapped(answer, ({ root }) => {
        const webhooks = objectsIn(root.webhooks);
        if (webhooks === null) return without("SHOPLINE", "a list of webhooks", { why: "nonsense" });
        return answered(webhooks.map((one) => subscriptionIn(one)).filter((one) => one !== null));
      });
    },

    async createSubscription(store, address) {
      const answer = await caller.ask(store, (to) => ({
        ...{ method: "POST", url: `${baseOf(to)}/webhooks.json`, aboutWebhooks: true },
        body: JSON.stringify({ webhook: { topic: TOPIC, address, api_version: versionOf(to) } }),
      }));
      return mapped(answer, ({ root }) => {
        const made = subscriptionIn(root.webhook) ?? subscriptionIn(root);
        return made === null ? without("SHOPLINE", "the webhook", { why: "unknown" }) : answered(made);
      });
    },

    async deleteSubscription(store, subscriptionId) {
      const id = pathId(subscriptionId);
      if (id === null) return answered(null);
      // The vendor's page has the first form and its own SDK too; others have the second. Both must know of no such
      // webhook before it is held to be gone: one that stays would go on sending.
      const paths = [`${id}/webhooks.json`, `webhooks/${id}.json`];
      for (const path of paths) {
        const answer = await caller.ask(store, (to) => ({
          ...{ method: "DELETE", url: `${baseOf(to)}/${path}`, aboutWebhooks: true },
        }));
        if (answer.kind === "answered" || answer.why !== "not_found") return deleted(answer);
      }
      return answered(null);
    },
  };
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

/** The amount as it was given: as a double it might lose digits of somebody's money. */
function withAmount(amount: string, fields: object): string | null {
  const isDecimal = /^(0|[1-9]\d{0,17})(\.\d{1,6})?$/.test(amount);
  return isDecimal ? `{"amount":${amount},${JSON.stringify(fields).slice(1)}` : null;
}

function noAmount(amount: string): ApiFailure {
  const detail = `${cleanLine(amount, 40)} is no amount: nothing was asked of SHOPLINE`;
  return { kind: "failed", why: "refused", detail, http_status: null, retry_after_ms: null };
}

/**
 * The next page's `page_info` out of the `link` header (RFC 8288). Its address is not followed: only this parameter is
 * taken, so that the token goes nowhere else.
 * @returns null: there is no next page; undefined: there is one, and this is no way to it
 */
function nextPage(link: string | string[] | undefined): string | null | undefined {
  const text = Array.isArray(link) ? link.join(",") : (link ?? "");
  for (const [, address = "", relation = ""] of text.matchAll(
    /<([^<>]{1,8000})>\s*;[^<,]*\brel="?([^",;]+)"?/g,
  )) {
    if (relation.trim().toLowerCase() !== "next") continue;
    const query = URL.canParse(address, ANYWHERE) ? new URL(address, ANYWHERE).searchParams : null;
    return cursorText(query?.get("page_info")) ?? undefined;
  }
  return null;
}
/** For an address that names no host: the host does not matter. */
const ANYWHERE = "https://store.invalid";
