import type { PlatformName } from "./cancellation.ts";

/**
 * What became of an authentic webhook: `accepted` (a delivery was made or revived), `duplicate` (its order's
 * cancellation was in the ledger already), `ignored` (understood, and no cancellation to print), `quarantined`
 * (not understood: kept raw and shown).
 */
export const WEBHOOK_STATUSES = ["accepted", "duplicate", "ignored", "quarantined"] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/**
 * Why a request is not taken at all. `http/` answers 404 for `unknown_token` and `ended_token`, 401 for the rest.
 * `ended_token`: it was the store's until its time was over, so whoever calls knows it, the platform most likely.
 */
export const REFUSALS = [
  "unsigned",
  "malformed_signature",
  "bad_signature",
  "no_secret",
  "wrong_shop",
  "unknown_token",
  "ended_token",
  "other_product",
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

/** Of bodies that are not read, so that nobody knows whose they are. */
export const UNREAD_BODIES = ["body_too_large", "body_too_slow", "unsupported_body"] as const;
/** Why a webhook leaves nothing but its line in the log. */
export const WEBHOOK_REFUSALS = [...REFUSALS, "unknown_store", ...UNREAD_BODIES] as const;
export type WebhookRefusal = (typeof WEBHOOK_REFUSALS)[number];

/**
 * How an order's cancellation came to the relay: the store called (`webhook`), the relay asked what it had missed
 * (`reconcile`), or it had the store cancel the order and took the answer (`cancel`).
 */
export const ORIGINS = ["webhook", "reconcile", "cancel"] as const;
export type Origin = (typeof ORIGINS)[number];

/** For people; null: it came as most do. */
export const ORIGIN_WORDS = {
  webhook: null,
  reconcile: "found by reconciliation",
  cancel: "cancelled from here",
} as const satisfies Record<Origin, string | null>;

/** Why a webhook has no body, for people. */
export function whyNoBody({ body_damaged }: { body_damaged?: true }): string {
  return body_damaged === true ? "its body is damaged in the ledger and can no longer be read" : NOT_KEPT;
}
const NOT_KEPT =
  "its body is not kept: a duplicate's and a request's to erase never are, old ones are pruned, and a forgotten buyer's are erased";

/**
 * Where the relay takes this store's webhooks.
 * @param token at the end of FastPOD's, as it stands in an address; elsewhere it is not in the path
 */
export function webhookPath(store: { platform: PlatformName; name: string }, token: string): string {
  const path = `/webhooks/${store.platform}/${encodeURIComponent(store.name)}`;
  return store.platform === "fastpod" ? `${path}/${token}` : path;
}
