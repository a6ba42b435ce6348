import { isObject, type JsonObject } from "../../core/json.ts";
import { HOUR_MS, MINUTE_MS, parseMoment } from "../../core/time.ts";
import { countIn, momentIn, openPlace, sealPlace, wordsIn } from "../simulator/asked.ts";
import type { SimulatedOrder } from "../simulator/orders.ts";
import {
  createStoreSimulator,
  type StoreSimulator,
  type StoreSimulatorOptions,
} from "../simulator/simulator.ts";
import type { SimulatedSubscription } from "../simulator/subscriptions.ts";
import { Refused } from "../simulator/refused.ts";
import type { Answer, Asked, SimulatedShop, StoreVendor } from "../simulator/vendor.ts";
import { shoplazzaMoment } from "./sample.ts";

/** The base of every path, with its version. */
const BASE = "/openapi/(2022-01|2025-06)";
const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 250;

/**
 * Guesses, where the pages say nothing: the words of refusals and 406 for an order that is not open, 401 for a wrong
 * token (one page lists it under 400), the scope of webhooks, the default page, the order of the list (latest change
 * first), and that from 2025-06 all answers but refusals are wrapped in `data`.
 *
 * @see shoplazza.dev: cancel order, order list, webhooks; read 2026-11
 */
const SHOPLAZZA_VENDOR: StoreVendor = {
  platform: "shoplazza",
  rate: { per_s: 2, burst: 2 },
  tokenIn: (headers) => (typeof headers["access-token"] === "string" ? headers["access-token"] : null),
  refusal: (status, words) => ({ status, body: { errors: [words] } }),
  order: {
    stateOf({ status, fulfillment_status }) {
      if (status === "cancelled") return "cancelled";
      return fulfillment_status === "shipped" || fulfillment_status === "finished" ? "shipped" : "open";
    },
    changedAt: ({ updated_at, cancelled_at }) => parseMoment(updated_at) ?? parseMoment(cancelled_at) ?? 0,
    cancelled: (order, reason, at, now) => ({
      ...order,
      ...{ status: "cancelled", cancel_reason: reason },
      ...{ cancelled_at: shoplazzaMoment(at), updated_at: shoplazzaMoment(now) },
    }),
    refusal: {
      status: 406,
      cancelled: "order has been cancelled",
      shipped: "order has been shipped",
      unknown: "Record not found",
    },
  },
  subscription: {
    covers: (topic) => topic === "orders/cancelled",
    one_per_topic: true,
    idOf: (count) => `b3f1c2d4-0000-4000-8000-${String(count).padStart(12, "0")}`,
    refused_status: 400,
  },
  webhook: {
    bodyOf: (order, version) => ({ order: inVersion(order, version) }),
    headersOf: (version) => ({ "x-shoplazza-api-version": version }),
    isTaken: (status) => status >= 200 && status < 300,
    retries_ms: [
      ...[1, 2, 2, 5, 20, 30].map((minutes) => minutes * MINUTE_MS),
      ...[1, 2, ...Array<number>(11).fill(4)].map((hours) => hours * HOUR_MS),
    ],
  },
  routes: [
    {
      ...{ method: "GET", path: new RegExp(`^${BASE}/orders$`), scope: "read_order" },
      answer: listOrders,
    },
    {
      ...{ method: "GET", path: new RegExp(`^${BASE}/orders/([^/]+)$`), scope: "read_order" },
      answer({ params: [version = "", id = ""] }, { orders }) {
        const order = orders.get(id);
        if (order === null) throw new Refused(404, SHOPLAZZA_VENDOR.order.refusal.unknown);
        return ok(version, { order: inVersion(order, version) });
      },
    },
    {
      ...{ method: "GET", path: new RegExp(`^${BASE}/orders/number/([^/]+)$`), scope: "read_order" },
      answer({ params: [version = "", number = ""] }, { orders }) {
        const order = orders.list({ status: "any" }).find((one) => one.number === number);
        if (order === undefined) throw new Refused(404, SHOPLAZZA_VENDOR.order.refusal.unknown);
        return ok(version, { order: inVersion(order, version) });
      },
    },
    {
      ...{ method: "POST", path: new RegExp(`^${BASE}/orders/([^/]+)/cancel$`), scope: "write_order" },
      answer: ({ body, params: [version = "", id = ""] }, shop) =>
        ok(version, { order: inVersion(shop.cancel(id, wordsIn(body, "reason", 400)), version) }),
    },
    {
      ...{ method: "GET", path: new RegExp(`^${BASE}/webhooks$`), scope: "read_order" },
      answer: ({ params: [version = ""] }, { subscriptions }) =>
        ok(version, { webhooks: subscriptions.list().map(webhookOf) }),
    },
    {
      ...{ method: "POST", path: new RegExp(`^${BASE}/webhooks$`), scope: "read_order" },
      answer({ body, params: [version = ""] }, { subscriptions }) {
        const wrapped = isObject(body.webhook) ? body.webhook : {};
        const { topic, address } = version === "2022-01" ? body : wrapped;
        return ok(version, { webhook: webhookOf(subscriptions.add(topic, address, version)) });
      },
    },
    {
      ...{ method: "DELETE", path: new RegExp(`^${BASE}/webhooks/([^/]+)$`), scope: "read_order" },
      answer({ params: [version = "", id = ""] }, { subscriptions }) {
        if (!subscriptions.remove(id)) throw new Refused(404, "Record not found");
        return ok(version, {});
      },
    },
  ],
};

/** Plays a Shoplazza store: `{url}/openapi/{version}/…`, in the version it is asked. */
export function createShoplazzaSimulator(options: StoreSimulatorOptions): StoreSimulator {
  return createStoreSimulator(SHOPLAZZA_VENDOR, options);
}

/** By pages in 2022-01, by a cursor from 2025-06. */
function listOrders({ query, params: [version = ""] }: Asked, { orders }: SimulatedShop): Answer {
  const size = version === "2022-01" ? "limit" : "page_size";
  const limit = countIn(query, size, LIMIT_DEFAULT, LIMIT_MAX);
  const list = orders.list({
    status: query.get("status") ?? "any",
    since: momentIn(query, "updated_at_min"),
  });
  const told = (some: readonly SimulatedOrder[]): JsonObject[] =>
    some.map((order) => inVersion(order, version));
  if (version === "2022-01") {
    const from = (countIn(query, "page", 1) - 1) * limit;
    return ok(version, { orders: told(list.slice(from, from + limit)) });
  }
  const given = query.get("cursor") ?? "";
  const left = orders.after(list, given === "" ? null : openPlace(given, "cursor").place);
  const shown = left.slice(0, limit);
  const last = shown.at(-1);
  const has_more = last !== undefined && shown.length < left.length;
  const cursor = has_more ? sealPlace(orders.placeOf(last), {}) : "";
  return ok(version, { orders: told(shown), cursor, has_more });
}

/** What 2022-01 spells `canceled_at` is `cancelled_at` from 2025-06. */
function inVersion(order: SimulatedOrder, version: string): JsonObject {
  if (version !== "2022-01") return order;
  const { cancelled_at, ...rest } = order;
  return { ...rest, canceled_at: cancelled_at ?? null };
}

function webhookOf({ id, topic, address }: SimulatedSubscription): JsonObject {
  return { id, topic, address };
}

function ok(version: string, data: JsonObject): Answer {
  return { status: 200, body: version === "2022-01" ? data : { code: "Success", message: "", data } };
}
