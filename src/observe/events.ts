import type { DeliveryState, OutcomeKind, Verdict } from "../core/delivery.ts";
import type { Origin, WebhookRefusal, WebhookStatus } from "../core/webhook.ts";
import type { Traced } from "./traceparent.ts";

/**
 * What happens in the relay, one wide event per act. `observe/` turns each into a log line, into counters and,
 * where a person is needed, into an alert. No event has room for a secret, a token, a body or a buyer's data.
 */
export type RelayEvent =
  | {
      event: "webhook.received";
      status: WebhookStatus;
      store: string;
      platform: string;
      webhook: string;
      delivery: string | null;
      order: string | null;
      reason: string | null;
      body_bytes: number;
      duration_ms: number;
      /** Read again for an operator: nobody has sent it now. */
      replayed?: true;
      /** Missing when it was replayed. */
      traced?: Traced;
    }
  | {
      /** An order's cancellation that the relay took from the store's API. */
      event: "cancellation.fetched";
      origin: Exclude<Origin, "webhook">;
      status: WebhookStatus;
      store: string;
      platform: string;
      webhook: string;
      delivery: string | null;
      order: string | null;
      reason: string | null;
      by: string;
      traced: Traced;
    }
  | {
      event: "store.subscribed";
      store: string;
      result: "existing" | "created" | "repaired" | "failed";
      detail: string;
      by: string;
      api: ApiHealth;
    }
  | {
      event: "subscription.checked";
      store: string;
      /**
       * `restored`: it was gone, and is there again. `gone`: it could not be made again. `moved`: the store calls
       * another relay's address. `unseen`: the relay has never seen one, so it misses none.
       */
      result: "in_place" | "restored" | "gone" | "moved" | "unseen" | "failed";
      detail: string;
      api: ApiHealth;
    }
  | {
      event: "store.reconciled";
      store: string;
      since: string;
      listed: number;
      known: number;
      found: number;
      quarantined: number;
      /** What the store listed more of than one run takes. */
      surplus: "found" | "rubbish" | null;
      /** Why it ended early; empty: it did not. */
      detail: string;
      by: string;
      duration_ms: number;
      api: ApiHealth;
    }
  | {
      event: "order.cancelled";
      store: string;
      order: string;
      /** What the store came to; `unknown`: it may have cancelled the order. */
      result: "cancelled" | "already_cancelled" | "refused" | "unknown";
      delivery: string | null;
      detail: string;
      by: string;
      api: ApiHealth;
    }
  | {
      event: "webhook.refused";
      /** Null: none that is known, or nobody looked. */
      store: string | null;
      platform: string;
      why: WebhookRefusal;
      detail: string;
      /** Counted, and told in a sum. */
      summed?: true;
    }
  | {
      /** At most once a minute and store: what of it is beyond the limits of failures. */
      event: "webhook.refusals_summed";
      /** Null: addresses that are no store's. */
      store: string | null;
      count: number;
      /** Where they came from, the first few. */
      networks: string[];
    }
  | {
      event: "operator.signed_in" | "operator.signed_out";
      role: string;
      /** What the person calls themselves; null: nothing. */
      name: string | null;
      network: string;
    }
  | {
      event: "operator.refused";
      why: OperatorRefusal;
      network: string;
      /** Counted, and told in a sum. */
      summed?: true;
    }
  | { event: "operator.refusals_summed"; count: number; networks: string[] }
  | {
      event: "delivery.attempted";
      delivery: string;
      order: string;
      store: string | null;
      printer: string;
      attempt: number;
      endpoint: string;
      outcome: OutcomeKind;
      http_status: number | null;
      detail: string;
      state: DeliveryState;
      next_attempt_at: string | null;
      duration_ms: number;
      clock_skew_ms: number | null;
      /** From the webhook's arrival to the cloud's acceptance; null when not accepted now. */
      since_received_ms: number | null;
      traced?: Traced;
    }
  | {
      event: "delivery.verified";
      delivery: string;
      order: string;
      store: string | null;
      result: string;
      api: ApiHealth;
      detail: string;
      /** The store's API knows of no such order. */
      order_unknown: boolean;
      state: DeliveryState;
      next_attempt_at: string | null;
      duration_ms: number;
      traced?: Traced;
    }
  | {
      event: "delivery.confirmed";
      delivery: string;
      order: string;
      printer: string;
      verdict: Verdict;
      state: DeliveryState;
      /** Whether this confirmation brought it there; false when it is told once more, or changes nothing. */
      moved: boolean;
      since_accepted_ms: number | null;
      /** From the webhook's arrival to the printer's word; null when it did not print just now. */
      since_received_ms: number | null;
      traced?: Traced;
    }
  | DeliveryNotice<"delivery.dead">
  | DeliveryNotice<"delivery.held">
  | DeliveryNotice<"delivery.unconfirmed">
  | DeliveryNotice<"delivery.recovered">
  | DeliveryNotice<"delivery.lease_lost">
  | DeliveryNotice<"delivery.redriven">
  | DeliveryNotice<"delivery.reprinted">
  | { event: "store.tested"; store: string; delivery: string; printer: string; by: string }
  | {
      event: "settings.changed";
      kind: "store" | "printer";
      name: string;
      change: "created" | "updated" | "deleted";
      /** Of an update: names, never values. */
      fields: string[];
      by: string;
    }
  | { event: "printer.tested"; delivery: string; printer: string; by: string }
  | { event: "cloud.lost"; scope: string; detail: string }
  | { event: "cloud.returned"; scope: string; released: number; away_ms: number }
  | { event: "settings.loaded"; printers: number; stores: number }
  | { event: "service.started"; address: string; version: string }
  /** Others may read this process's memory, secrets and all. */
  | { event: "service.exposed"; detail: string }
  | { event: "service.stopped"; drained: boolean }
  /** @param offset_ms this machine's clock minus the ledger's */
  | { event: "clock.apart"; offset_ms: number; detail: string }
  /** At the start: `schema` is the ledger's, `known` the latest that this relay knows. */
  | { event: "ledger.newer"; schema: number; known: number; detail: string }
  | { event: "ledger.failed"; detail: string }
  | {
      event: "ledger.pruned";
      bodies: number;
      attempts: number;
      confirmations: number;
      tickets: number;
      alerts: number;
      /** False: it goes on with a later run. */
      finished: boolean;
      batches: number;
      waits: number;
      duration_ms: number;
    }
  | { event: "ledger.pruning_waits"; detail: string }
  /** Nothing of whom it was. */
  | {
      event: "buyer.forgotten";
      /** The erasure's id. */
      erasure: string;
      store: string | null;
      deliveries: number;
      webhooks: number;
      by: string;
    }
  | {
      event: "buyer.forgetting_failed";
      erasure: string | null;
      store: string | null;
      /** Whether the buyer is erased, and only old pages are left; if not, it is tried again within a minute. */
      erased: boolean;
      detail: string;
    }
  | {
      event: "ledger.restored";
      backup_at: string;
      marked: number;
      /** Deliveries and webhooks whose buyer the backup had brought back. */
      forgotten: number;
    }
  /** A failover has lost what was committed since, and it was taken up under running services. */
  | { event: "ledger.lost"; since: string; detail: string }
  | { event: "http.failed"; method: string; route: string; detail: string };

/** A token that is none of ours, the viewer asking for an act, an act that no page of ours sent. */
export const OPERATOR_REFUSALS = ["wrong_token", "viewer_acted", "other_site"] as const;
export type OperatorRefusal = (typeof OPERATOR_REFUSALS)[number];

/** How a store's API took what it was asked: `refused` means the token, not the question. */
export type ApiHealth = "answered" | "refused" | "unavailable";

interface DeliveryNotice<Name extends string> {
  event: Name;
  delivery: string;
  order: string;
  store: string | null;
  printer: string;
  detail: string;
  by: string;
}

export type Emit = (event: RelayEvent) => void;
