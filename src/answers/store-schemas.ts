import { z } from "zod";
import { toRfc3339, type UnixMs } from "../core/time.ts";
import { WEBHOOK_STATUSES } from "../core/webhook.ts";
import type { StoreWatch } from "../ledger/store-watch.ts";

/** What the API and `--json` say of acts at a store by its API. */

const moment = z.iso.datetime().describe("RFC 3339, UTC");
const maybeMoment = moment.nullable();
const count = z.number().int();

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

export const reconciledSchema = z.object({
  store: z.string(),
  since: moment.describe("orders changed since then were asked for"),
  listed: count.describe("cancelled orders that the store listed"),
  known: count.describe("of these: in the ledger already"),
  found: count.describe("brought to paper by this run"),
  before: count.describe("cancelled before the store was added, or before `since`"),
  ignored: count.describe("left out by the store's settings"),
  quarantined: count.describe("kept raw: not understood"),
  deliveries: z.array(z.string()).describe("of the found ones"),
});
export type ReconciledJson = z.infer<typeof reconciledSchema>;

export const orderSchema = z
  .object({
    store: z.string(),
    order_id: z.string(),
    order_name: z.string(),
    cancelled: z.boolean().describe("at the store already"),
    items: z.array(z.string()),
    total: z.string().nullable().describe("with its currency"),
  })
  .describe("as the store's API tells it now; nothing of the buyer");

export const cancelledSchema = z.object({
  store: z.string(),
  order_id: z.string(),
  result: z
    .enum(["cancelled", "already_cancelled"])
    .describe(
      "`already_cancelled`: the store had it so before; its slip prints all the same if it never did",
    ),
  status: z
    .enum(WEBHOOK_STATUSES)
    .describe("`accepted`: a slip goes out; `duplicate`: it has its delivery; `ignored`: see `reason`"),
  webhook_id: z.string().describe("the store's answer, kept as a webhook is"),
  delivery_id: z.string().nullable(),
  reason: z.string().nullable(),
});

export const storeWatchSchema = z.object({
  subscribed_at: maybeMoment.describe("when its webhook subscription was first seen in place; null: never"),
  checked_at: maybeMoment.describe("last look at the subscription"),
  check_error: z.string().nullable(),
  reconciled_to: maybeMoment.describe("up to here nothing cancelled is missing; null: no run has ended well"),
  reconciled_at: maybeMoment.describe("end of the last run"),
  reconcile_error: z.string().nullable(),
  found_count: count.describe("cancellations that no webhook had brought"),
});
export type StoreWatchJson = z.infer<typeof storeWatchSchema>;

export function reconciledJson(result: Omit<ReconciledJson, "since"> & { since: UnixMs }): ReconciledJson {
  const { store, since, listed, known, found, before, ignored, quarantined, deliveries } = result;
  return {
    ...{ store, since: toRfc3339(since), listed, known, found, before, ignored, quarantined, deliveries },
  };
}

export function storeWatchJson(watch: StoreWatch): StoreWatchJson {
  return {
    subscribed_at: toRfc3339(watch.subscribed_at),
    checked_at: toRfc3339(watch.checked_at),
    check_error: watch.check_error,
    reconciled_to: toRfc3339(watch.reconciled_to),
    reconciled_at: toRfc3339(watch.reconciled_at),
    reconcile_error: watch.reconcile_error,
    found_count: watch.found_count,
  };
}
