/**
 * What became of an authentic webhook: `accepted` (a delivery was made or revived), `duplicate` (its order's
 * cancellation was in the ledger already), `ignored` (understood, and no cancellation to print), `quarantined`
 * (not understood: kept raw and shown).
 */
export const WEBHOOK_STATUSES = ["accepted", "duplicate", "ignored", "quarantined"] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];
