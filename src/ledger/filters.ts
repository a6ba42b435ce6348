import type { DeliveryState } from "../core/delivery.ts";
import type { UnixMs } from "../core/time.ts";
import type { Origin, WebhookStatus } from "../core/webhook.ts";

// What may be asked of the ledger's lists.

export interface DeliveryFilter {
  /** Not here: what is searched for by its words is found page by page (`DeliverySearch`). */
  q?: never;
  state?: DeliveryState;
  /** Only those a person should look at. */
  attention?: true;
  store?: string;
  printer?: string;
  /** The order's id or name, exactly (a leading `#` does not count). */
  order?: string;
  /** Only these, by their ids, and the reprints of them. */
  slips_of?: readonly string[];
  /** `created_at`, this moment included. */
  since?: UnixMs;
  /** `created_at`, this moment not included. */
  until?: UnixMs;
  /** The last id of the page before. */
  before?: string;
  limit: number;
}

export interface DeliverySearch extends Omit<DeliveryFilter, "q" | "before" | "slips_of"> {
  /**
   * Part of the order's id, name or reason, of the delivery's id, of the buyer's name, or of the digits of the buyer's
   * phone; case does not count. Deliveries whose order's id or name it is exactly come first, whatever their age.
   */
  q?: string;
  /** `next` of the page before. */
  after?: string;
}

export interface WebhookFilter {
  status?: WebhookStatus;
  store?: string;
  /** `webhook`: only what the store itself sent. */
  origin?: Origin;
  before?: string;
  limit: number;
}

export interface WebhookSearch extends Omit<WebhookFilter, "before" | "origin"> {
  /** `received_at`, this moment included. */
  since?: UnixMs;
  /** `received_at`, this moment not included. */
  until?: UnixMs;
  /** `next` of the page before. */
  after?: string;
}

/** Of what was looked through in one go: it may be short or empty, and more may follow. */
export interface FoundPage<Row> {
  items: Row[];
  /** Where the next page goes on; null: all was looked through. */
  next: string | null;
}
