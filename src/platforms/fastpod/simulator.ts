import type { JsonObject } from "../../core/json.ts";
import { DAY_MS, parseMoment, SECOND_MS, type UnixMs } from "../../core/time.ts";
import { countIn } from "../simulator/asked.ts";
import {
  createStoreSimulator,
  type StoreSimulator,
  type StoreSimulatorOptions,
} from "../simulator/simulator.ts";
import type { SimulatedSubscription } from "../simulator/subscriptions.ts";
import { Refused } from "../simulator/refused.ts";
import type { Answer, Asked, SimulatedShop, StoreVendor } from "../simulator/vendor.ts";
import { fastpodMoment } from "./sample.ts";

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;
const UNKNOWN = "Order not found.";

/**
 * FastPOD's pages show the orders, their list and their cancellation, and no more than the names of the rest. Guesses,
 * after its nearest relative: all about webhooks (addresses, bodies, retries), scopes, the words of refusals, and that
 * a list's dates are those of the last change, in UTC.
 *
 * @see fastpodapi.apidog.io: envelope `{status, message, data}`; read 2026-11
 */
const FASTPOD_VENDOR: StoreVendor = {
  platform: "fastpod",
  rate: null,
  tokenIn: ({ authorization }) => /^Bearer (.+)$/.exec(String(authorization))?.[1] ?? null,
  refusal: (status, message) => ({ status, body: { status: false, message } }),
  order: {
    stateOf({ order_status }) {
      if (order_status === "cancelled") return "cancelled";
      return order_status === "shipped" ? "shipped" : "open";
    },
    changedAt: ({ updated_at, cancelled_at }) => parseMoment(updated_at) ?? parseMoment(cancelled_at) ?? 0,
    cancelled: (order, reason, at, now) => ({
      ...order,
      ...{ order_status: "cancelled", cancel_reason: reason === "" ? null : reason },
      ...{ cancelled_at: fastpodMoment(at), updated_at: fastpodMoment(now) },
    }),
    refusal: {
      status: 422,
      cancelled: "Order has already been cancelled.",
      shipped: "Order has been shipped and can not be cancelled.",
      unknown: UNKNOWN,
    },
  },
  subscription: {
    covers: (event) => event.startsWith("order"),
    one_per_topic: false,
    idOf: (count) => 700 + count,
    refused_status: 422,
  },
  webhook: {
    bodyOf: (order, _, at) => ({
      event: {
        ...{ uuid: `event-${order.id}-${at}`, name: "order_notify" },
        ...{ status: order.order_status, timestamp: fastpodMoment(at) },
      },
      data: order,
    }),
    headersOf: () => ({}),
    isTaken: (status) => status >= 200 && status < 300,
    retries_ms: [10, 60, 300, 1800, 3600].map((seconds) => seconds * SECOND_MS),
  },
  routes: [
    { method: "GET", path: /^\/v1\/orders$/, scope: "orders:read", answer: listOrders },
    {
      ...{ method: "GET", path: /^\/v1\/orders\/([^/]+)$/, scope: "orders:read" },
      answer({ params: [id = ""] }, { orders }) {
        const order = orders.get(id);
        if (order === null) throw new Refused(404, UNKNOWN);
        return ok(order);
      },
    },
    {
      ...{ method: "POST", path: /^\/v1\/orders\/([^/]+)\/cancel$/, scope: "orders:write" },
      // Its page knows no body, so a reason has nowhere to go.
      answer: ({ params: [id = ""] }, shop) => ok(shop.cancel(id, ""), "Order cancelled successfully."),
    },
    {
      ...{ method: "GET", path: /^\/v1\/webhooks$/, scope: "webhooks" },
      answer: (_, { subscriptions }) => ok(subscriptions.list().map(webhookOf)),
    },
    {
      ...{ method: "POST", path: /^\/v1\/webhooks\/subscribe$/, scope: "webhooks" },
      answer: ({ body }, { subscriptions }) => ok(webhookOf(subscriptions.add(body.event, body.url, ""))),
    },
    {
      ...{ method: "DELETE", path: /^\/v1\/webhooks\/([^/]+)$/, scope: "webhooks" },
      answer({ params: [id = ""] }, { subscriptions }) {
        if (!subscriptions.remove(id)) throw new Refused(404, "Webhook not found.");
        return ok(null);
      },
    },
  ],
};

/** Plays FastPOD: `{url}/v1/…`. */
export function createFastpodSimulator(options: StoreSimulatorOptions): StoreSimulator {
  return createStoreSimulator(FASTPOD_VENDOR, options);
}

/** Paged as its page shows it, without a word on how many pages there are. */
function listOrders({ query }: Asked, { orders }: SimulatedShop): Answer {
  const limit = countIn(query, "limit", LIMIT_DEFAULT, LIMIT_MAX);
  const current_page = countIn(query, "page", 1);
  const end = dayIn(query, "end_date");
  const list = orders.list({
    status: query.get("status") ?? "any",
    since: dayIn(query, "start_date"),
    before: end === undefined ? undefined : end + DAY_MS,
  });
  const from = (current_page - 1) * limit;
  return ok({ current_page, data: list.slice(from, from + limit) });
}

/** A date without a time. @throws Refused 422 */
function dayIn(query: URLSearchParams, name: string): UnixMs | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseMoment(text) : null;
  if (at === null) throw new Refused(422, `The ${name} is not a valid date.`);
  return at;
}

function webhookOf({ id, topic, address }: SimulatedSubscription): JsonObject {
  return { id, url: address, event: topic };
}

function ok(data: unknown, message = "Success."): Answer {
  return { status: 200, body: { status: true, message, data } };
}
