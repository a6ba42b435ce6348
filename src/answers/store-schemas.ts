import { z } from "zod";
import { PLATFORM_NAMES } from "../core/cancellation.ts";
import { PUBLIC_ADDRESS_RESULTS } from "../core/public-address.ts";
import { deliverySchema, maybeMoment, maybeText, moment, webhookStatus } from "./schemas.ts";

const count = z.number().int();

const watchSchema = z.object({
  since: moment.describe("what was cancelled before is history: the moment at which the store was added"),
  reconciled_to: maybeMoment.describe(
    "everything cancelled up to here is in the ledger; null: no run ended well yet",
  ),
  reconciled_at: maybeMoment.describe("end of the last run, well or not"),
  reconcile_error: maybeText.describe("why the last run failed; null: it did not"),
  found_count: count.describe("cancellations that no webhook brought, and reconciliation did"),
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
  api: z
    .object({
      url: z.string(),
      version: maybeText,
      allow_host: maybeText.describe("the one host that `url` may lead to; null: any public one"),
    })
    .nullable(),
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

export const subscribedSchema = z.object({
  store: z.string(),
  address: z.string().describe("what the store is to call; FastPOD's token in it is `***`"),
  result: z
    .enum(["existing", "created", "repaired", "missing", "wrong"])
    .describe("`missing` and `wrong` only with `check`, which changes nothing"),
  subscriptions: z
    .array(
      z.object({
        id: z.string(),
        topic: z.string(),
        address: z.string(),
        of_store: z
          .enum(["right", "wrong", "other"])
          .describe("this store's address; its path at another base; somebody else's"),
      }),
    )
    .describe("of cancellations, as the store has them now"),
});
export type SubscribedJson = z.infer<typeof subscribedSchema>;

export const reconciledSchema = z.object({
  store: z.string(),
  since: moment.describe("orders changed since then were asked for"),
  listed: count.describe("cancelled orders that the store listed"),
  known: count.describe("of these: in the ledger already"),
  found: count.describe("brought to paper by this run"),
  before: count.describe("cancelled before the store was added, or before `since`"),
  ignored: count.describe("left out by the store's settings, or not cancelled after all"),
  quarantined: count.describe("kept raw: not understood"),
  deliveries: z.array(z.string()).describe("of the found ones"),
});
export type ReconciledJson = z.infer<typeof reconciledSchema>;

export const storeOrderSchema = z
  .object({
    store: z.string(),
    order_id: z.string(),
    order_name: z.string(),
    cancelled: z.boolean().describe("at the store already"),
    items: z.array(z.string()).describe("such as `2 x Beef noodle soup (Large)`"),
    total: maybeText.describe("with its currency"),
  })
  .describe("as the store's API tells it now; nothing of the buyer");
export type StoreOrderJson = z.infer<typeof storeOrderSchema>;

export const cancelledSchema = z.object({
  store: z.string(),
  order_id: z.string(),
  result: z
    .enum(["cancelled", "already_cancelled"])
    .describe(
      "`already_cancelled`: the store had it so before; its slip prints all the same if it never did",
    ),
  status: webhookStatus.describe(
    "`accepted`: a slip goes out; `duplicate`: it has its delivery; `ignored`, `quarantined`: see `reason`",
  ),
  webhook_id: z.string().describe("the store's answer, kept as a webhook is"),
  delivery_id: maybeText,
  reason: maybeText,
});
export type CancelledJson = z.infer<typeof cancelledSchema>;
