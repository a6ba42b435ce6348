import { isObject, type JsonObject } from "../../core/json.ts";
import { HOUR_MS, MINUTE_MS, parseMoment, SECOND_MS } from "../../core/time.ts";
import { countIn, momentIn, openPlace, sealPlace, wordsIn } from "../simulator/asked.ts";
import {
  createStoreSimulator,
  type StoreSimulator,
  type StoreSimulatorOptions,
} from "../simulator/simulator.ts";
import type { SimulatedSubscription } from "../simulator/subscriptions.ts";
import { Refused } from "../simulator/refused.ts";
import type { Answer, Asked, SimulatedShop, StoreVendor } from "../simulator/vendor.ts";
import { shoplineMoment } from "./sample.ts";

/** The base of every path, with its version. */
const BASE = "/admin/openapi/(v\\d{8})";
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 100;
const IDS_MAX = 100;

/**
 * Guesses, where the pages say nothing: the statuses and words of refusals (422 for an order that is not open), the
 * scope of webhooks, the order of the list (latest change first), the ids of subscriptions, and how the last sixteen
 * of the nineteen retries lie within their 48 hours.
 *
 * @see developer.shopline.com: cancel order, query orders, webhooks, flow control; read 2026-11
 */
const SHOPLINE_VENDOR: StoreVendor = {
  platform: "shopline",
  rate: { per_s: 4, burst: 40 },
  tokenIn: ({ authorization }) => /^Bearer (.+)$/.exec(String(authorization))?.[1] ?? null,
  refusal: (status, words) => traced({ status, body: { errors: words } }),
  order: {
    stateOf({ cancelled_at, fulfillment_status }) {
      if (typeof cancelled_at === "string" && cancelled_at !== "") return "cancelled";
      return fulfillment_status === "shipped" ? "shipped" : "open";
    },
    changedAt: ({ updated_at, cancelled_at }) => parseMoment(updated_at) ?? parseMoment(cancelled_at) ?? 0,
    cancelled: (order, reason, at, now) => ({
      ...order,
      ...{ cancelled_at: shoplineMoment(at), cancel_reason: reason, updated_at: shoplineMoment(now) },
    }),
    refusal: {
      status: 422,
      cancelled: "The order has been cancelled",
      shipped: "The order has been shipped and cannot be cancelled",
      unknown: "The order does not exist",
    },
  },
  subscription: {
    covers: (topic) => topic === "orders/cancelled",
    one_per_topic: false,
    idOf: (count) => `51${String(count).padStart(17, "0")}`,
    refused_status: 422,
  },
  webhook: {
    bodyOf: (order) => order,
    headersOf: (version) => ({ "x-shopline-api-version": version }),
    isTaken: (status) => status === 200,
    retries_ms: [
      ...[0, 5, 10, 30].map((seconds) => seconds * SECOND_MS),
      ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE_MS),
      ...[1, 2, 4, 4, 5, 6, 7, 8, 9].map((hours) => hours * HOUR_MS),
    ],
  },
  routes: [
    {
      ...{ method: "GET", path: new RegExp(`^${BASE}/orders\\.json$`), scope: "read_orders" },
      answer: listOrders,
    },
    {
      ...{
        method: "POST",
        path: new RegExp(`^${BASE}/orders/([^/]+)/cancel\\.json$`),
        scope: "write_orders",
      },
      answer: cancelOrder,
    },
    {
      ...{ method: "GET", path: new RegExp(`^${BASE}/webhooks\\.json$`), scope: "read_orders" },
      answer: (_, { subscriptions }) => ok({ webhooks: subscriptions.list().map(webhookOf) }),
    },
    {
      ...{ method: "POST", path: new RegExp(`^${BASE}/webhooks\\.json$`), scope: "read_orders" },
      answer({ body, params: [version = ""] }, { subscriptions }) {
        const { topic, address, api_version } = isObject(body.webhook) ? body.webhook : {};
        const wanted = typeof api_version === "string" ? api_version : version;
        return ok({ webhook: webhookOf(subscriptions.add(topic, address, wanted)) });
      },
    },
    {
      ...{ method: "DELETE", path: new RegExp(`^${BASE}/webhooks/([^/]+)\\.json$`), scope: "read_orders" },
      answer({ params: [, id = ""] }, { subscriptions }) {
        if (!subscriptions.remove(id)) throw new Refused(404, "The webhook does not exist");
        return ok({});
      },
    },
  ],
};

/** Plays a SHOPLINE store: `{url}/admin/openapi/{version}/…`, in whatever version it is asked. */
export function createShoplineSimulator(options: StoreSimulatorOptions): StoreSimulator {
  return createStoreSimulator(SHOPLINE_VENDOR, options);
}

/** By `ids`, by `name`, or by status and time; a `page_info` stands for all of the first question. */
function listOrders({ query, params: [version = ""] }: Asked, { orders, url }: SimulatedShop): Answer {
  const ids = query.get("ids");
  if (ids !== null) {
    const wanted = ids.split(",").slice(0, IDS_MAX);
    return ok({ orders: wanted.flatMap((id) => orders.get(id.trim()) ?? []) });
  }
  const name = query.get("name");
  if (name !== null) {
    return ok({ orders: orders.list({ status: "any" }).filter((order) => order.name === name) });
  }
  const limit = countIn(query, "limit", LIMIT_DEFAULT, LIMIT_MAX);
  const pageInfo = query.get("page_info");
  const page = pageInfo === null ? null : openPlace(pageInfo, "page_info");
  const asked = page === null ? query : new URLSearchParams(String(page.asked));
  const filter = {
    status: asked.get("status") ?? "any",
    since: momentIn(asked, "updated_at_min"),
  };
  if (!["open", "cancelled", "any"].includes(filter.status)) throw new Refused(400, "status is invalid");
  const archiveAlone = asked.get("hidden_order") === "true";
  const listed = orders
    .list(filter)
    .filter((order) => (archiveAlone ? isArchived(order) : filter.status === "any" || !isArchived(order)));
  const left = orders.after(listed, page?.place ?? null);
  const shown = left.slice(0, limit);
  const last = shown.at(-1);
  const answer = ok({ orders: shown });
  if (last === undefined || shown.length === left.length) return answer;
  const next = sealPlace(orders.placeOf(last), { asked: String(asked) });
  const link = `<${url()}/admin/openapi/${version}/orders.json?page_info=${next}&limit=${limit}>; rel="next"`;
  return { ...answer, headers: { ...answer.headers, link } };
}

/** How an order tells it is a guess, too: it is named as the question is. */
function isArchived({ hidden_order }: JsonObject): boolean {
  return hidden_order === true;
}

function cancelOrder({ body, params: [, id = ""] }: Asked, shop: SimulatedShop): Answer {
  for (const [name, type] of Object.entries(CANCEL_TYPES)) {
    const given: unknown = body[name] ?? null;
    if (given !== null && typeof given !== type) throw new Refused(400, `${name} must be a ${type}`);
  }
  const at = body.processed_at === undefined ? undefined : parseMoment(body.processed_at);
  if (at === null) throw new Refused(400, "processed_at is invalid");
  return ok({ order: shop.cancel(id, wordsIn(body, "cancel_reason", 400), at) });
}

/** As its page lists them. */
const CANCEL_TYPES = { amount: "number", currency: "string", email: "boolean", restock: "boolean" };

function webhookOf({ id, topic, address, version }: SimulatedSubscription): JsonObject {
  return { id, topic, address, api_version: version };
}

function ok(body: JsonObject): Answer {
  return traced({ status: 200, body });
}

function traced(answer: Answer): Answer {
  return { ...answer, headers: { traceId: "ac1e0b2f16927845" } };
}
