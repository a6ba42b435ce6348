import { z } from "zod";
import { cancelOrderSchema, isOrderId } from "../../core/cancel-order.ts";
import { RelayError } from "../../core/errors.ts";
import { cancelledJson, reconciledJson, storeOrderJson, subscribedJson } from "../../answers/store-json.ts";
import {
  cancelledSchema,
  reconciledSchema,
  storeOrderSchema,
  subscribedSchema,
} from "../../answers/store-schemas.ts";
import type { HttpDeps } from "../deps.ts";
import { jsonOperation, type Operation } from "./operation.ts";
import { moment } from "./query.ts";

const AT_STORE = {
  access: "act",
  refusals: ["not_found", "conflict", "store_refused", "store_unavailable"],
} as const;

const subscribeBody = z.strictObject({
  check: z.boolean().optional().describe("only look: nothing is changed"),
  replace: z
    .boolean()
    .optional()
    .describe(
      "where the platform calls one address only and it is another: take its place; of FastPOD: make a new address, and " +
        "let older tokens end in a day",
    ),
});

const reconcileBody = z.strictObject({
  since: moment
    .optional()
    .describe("RFC 3339; instead of where the last run ended, also before the store was added"),
});

/** What the relay does at a store by its API. */
export function storeOperations({ relay, clock }: Pick<HttpDeps, "relay" | "clock">): Operation[] {
  const subscribe = jsonOperation(
    {
      ...AT_STORE,
      name: "subscribeStore",
      repeatable: true,
      method: "post",
      path: "/api/v1/stores/{name}/subscribe",
      summary: "Have the store call this relay when an order is cancelled",
      description:
        "Asked for again it finds what is there. An address of this store at another base is put right. FastPOD gets a " +
        "new token with each address that is made.",
      body: subscribeBody,
      answer: subscribedSchema,
    },
    async ({ parameter, body: { check = false, replace = false }, asked: { by } }) => ({
      value: subscribedJson(await relay.subscribe(parameter("name"), by, { check, replace })),
    }),
  );
  const reconcile = jsonOperation(
    {
      ...AT_STORE,
      name: "reconcileStore",
      repeatable: true,
      method: "post",
      path: "/api/v1/stores/{name}/reconcile",
      summary: "Fetch the cancelled orders that no webhook brought, and print them",
      description:
        "The service does it by itself every RELAY_RECONCILE_EVERY_S. What is in the ledger is not printed again, however " +
        "often it is asked for. A run goes on also when the connection ends before it.",
      body: reconcileBody,
      answer: reconciledSchema,
    },
    async ({ parameter, body: { since }, asked: { by } }) => {
      if (since !== undefined && since > clock.now()) {
        throw new RelayError("invalid", "since: lies ahead; nothing is cancelled then yet.");
      }
      const asked = since === undefined ? {} : { since };
      return { value: reconciledJson(await relay.reconcile(parameter("name"), by, asked)) };
    },
  );
  return [subscribe, reconcile, ...orderOperations(relay)];
}

function orderOperations(relay: HttpDeps["relay"]): Operation[] {
  const lookUp = jsonOperation(
    {
      ...AT_STORE,
      name: "lookUpOrder",
      repeatable: true,
      method: "get",
      path: "/api/v1/stores/{name}/orders/{order}",
      summary: "An order as the store has it now, before it is cancelled",
      answer: storeOrderSchema,
    },
    async ({ parameter }) => ({
      value: storeOrderJson(await relay.lookUp(parameter("name"), orderIdOf(parameter("order")))),
    }),
  );
  const cancel = jsonOperation(
    {
      ...AT_STORE,
      name: "cancelOrder",
      method: "post",
      path: "/api/v1/stores/{name}/orders/{order}/cancel",
      summary: "Cancel the order at its store and print the slip at once",
      description:
        "One that is cancelled there already is no failure: its slip prints if it never did. The store's webhook that " +
        "follows is a duplicate.",
      body: cancelOrderSchema,
      answer: cancelledSchema,
    },
    async ({ parameter, body, asked: { by, key } }) => {
      const order = orderIdOf(parameter("order"));
      const value = cancelledJson(await relay.cancelOrder(parameter("name"), order, body, by, key));
      const { delivery_id } = value;
      return {
        value,
        ...(delivery_id !== null && { delivery: delivery_id }),
      };
    },
  );
  return [lookUp, cancel];
}

/** @throws `not_found`: no store has an order of such an id, and none need be asked */
function orderIdOf(written: string): string {
  if (isOrderId(written)) return written;
  throw new RelayError("not_found", "No store has an order with such an id: give it as the store writes it.");
}
