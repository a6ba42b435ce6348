import { z } from "zod";
import { PLATFORM_NAMES } from "../core/cancellation.ts";
import { PUBLIC_ADDRESS_RESULTS } from "../core/public-address.ts";
import { deliverySchema, maybeMoment, maybeText, moment } from "./schemas.ts";

const watchSchema = z.object({
  since: moment.describe("what was cancelled before is history: the moment at which the store was added"),
  reconciled_to: maybeMoment.describe(
    "everything cancelled up to here is in the ledger; null: no run ended well yet",
  ),
  reconciled_at: maybeMoment.describe("end of the last run, well or not"),
  reconcile_error: maybeText.describe("why the last run failed; null: it did not"),
  found_count: z.number().int().describe("cancellations that no webhook brought, and reconciliation did"),
  subscribed_at: maybeMoment.describe("when the subscription was first seen in place; null: never"),
  checked_at: maybeMoment.describe("end of the last look at it, well or not"),
  check_error: maybeText.describe("what is wrong with it; null: nothing known"),
});
export type StoreWatchJson = z.infer<typeof watchSchema>;

export const storeSchema = z.object({
  name: z.string(),
  platform: z.enum(PLATFORM_NAMES),
  printer: z.string(),
  webhook_url: z.string().describe("where the platform sends its webhooks"),
  shop_id: maybeText,
  secret_count: z.number().int().describe("how many verify now"),
  token_count: z.number().int().describe("how many are taken now"),
  next_expiry_at: maybeMoment.describe("when the first of these stops by itself; null: none does"),
  api: z.object({ url: z.string(), version: maybeText }).nullable(),
  order_id_from: z.enum(["id", "name"]),
  ignore_older_than_s: z.number().int().nullable(),
  currency: maybeText,
  trust_body: z.boolean(),
  test_orders: z.enum(["ignore", "print"]),
  last_webhook_at: maybeMoment,
  watch: watchSchema.nullable().describe("null: the store has no `api`, and is only listened to"),
});
export type StoreJson = z.infer<typeof storeSchema>;

export const storeTestSchema = deliverySchema
  .extend({
    public_address: z
      .object({ result: z.enum(PUBLIC_ADDRESS_RESULTS), detail: z.string() })
      .describe("who answers at RELAY_PUBLIC_URL, asked from the relay's own machine"),
  })
  .describe("the delivery of the test");
