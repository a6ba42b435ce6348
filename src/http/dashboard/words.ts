import type { Tone } from "../../answers/verdict.ts";
import type { Origin, WebhookStatus } from "../../core/webhook.ts";

/** How an order came to the relay, in place of "Webhook received"; null: as most do. */
export const ORIGIN_TEXTS: Readonly<Record<Origin, string | null>> = {
  webhook: null,
  reconcile: "Found by reconciliation: no webhook brought it.",
  cancel: "Cancelled at the store from here.",
};

export const WEBHOOK_TONES: Readonly<Record<WebhookStatus, Tone>> = {
  accepted: "good",
  duplicate: "off",
  ignored: "off",
  quarantined: "bad",
};

/** A store's answer is kept as a webhook is, and is none. */
export const ORIGIN_NAMES: Readonly<Record<Origin, string>> = {
  webhook: "Webhook",
  reconcile: "Fetched order",
  cancel: "Cancelled order",
};
