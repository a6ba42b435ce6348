import type { PlatformName } from "../core/cancellation.ts";
import type { Wait } from "../core/clock-set.ts";
import type {
  Confirmation,
  Delivery,
  DeliveryKind,
  DeliveryState,
  OutcomeKind,
  Transition,
} from "../core/delivery.ts";
import type { PrunedBatch, PruneQuery } from "../core/retention.ts";
import type { PrinterSettings, Settings, StoreSettings } from "../core/settings.ts";
import type { Ticket } from "../core/ticket.ts";
import type { UnixMs } from "../core/time.ts";
import type { WebhookStatus } from "../core/webhook.ts";

/** One authentic inbound request, as it is to be kept. */
export interface NewWebhook {
  id: string;
  platform: PlatformName;
  store: string;
  /** The sender's own id and topic: unsigned, kept to be seen. */
  platform_webhook_id: string | null;
  topic: string | null;
  /** By the platform's allow-list, lower-case names. */
  headers: Record<string, string>;
  body: Buffer;
  received_at: UnixMs;
}

export interface Webhook extends Omit<NewWebhook, "body"> {
  status: WebhookStatus;
  /** Why it was ignored or quarantined. */
  reason: string | null;
  delivery_id: string | null;
  body_bytes: number;
}

/** Null body: a duplicate's is not kept, and old ones are pruned. */
export type WebhookWithBody = Webhook & { body: Buffer | null };

export interface NewDelivery {
  id: string;
  kind: DeliveryKind;
  state: "verifying" | "pending";
  platform: PlatformName | null;
  store: string | null;
  printer: string;
  reprint_of: string | null;
  /** The order's id at the store (not `ticket.order_id`, which may be its name): part of the dedupe key. */
  order_id: string;
  order_name: string;
  cancelled_at: UnixMs | null;
  reason: string | null;
  ticket: Ticket;
  created_at: UnixMs;
  useful_until: UnixMs;
}

/** What an authentic webhook turned out to be. */
export type InboundEntry =
  | { webhook: NewWebhook; delivery: NewDelivery }
  | { webhook: NewWebhook; delivery: null; status: "ignored" | "quarantined"; reason: string };

export interface EnqueueResult {
  status: WebhookStatus;
  webhook_id: string;
  delivery_id: string | null;
  reason: string | null;
}

export interface ClaimQuery {
  state: "pending" | "verifying";
  now: UnixMs;
  lease_until: UnixMs;
  limit: number;
  /** Only this printer's, or all but these. */
  only_printer?: string;
  except_printers?: readonly string[];
}

export interface AttemptRecord {
  /** `verify` asks the store's API, `send` posts to Goodcom. */
  kind: "verify" | "send";
  /**
   * For `send`: the delivery's `attempt_count` when it was claimed. For `verify`: hand in 0, and the ledger counts
   * them from 1.
   */
  number: number;
  /** `send`: what it was signed with. */
  signed_at: UnixMs | null;
  started_at: UnixMs;
  finished_at: UnixMs;
  /** `verify`: accepted = cancelled there, rejected = not cancelled there. */
  outcome: OutcomeKind;
  detail: string;
  http_status: number | null;
  /** Masked JSON text of what was sent; null for `verify`. */
  request: string | null;
  response: string | null;
  clock_skew_ms: number | null;
}

export interface ConfirmationRecord extends Confirmation {
  at: UnixMs;
  /** What was called back, as JSON text, bounded. */
  raw: string;
}

export interface HistoryEntry {
  at: UnixMs;
  /** The state after it. */
  state: DeliveryState;
  /** `relay`, `printer`, `operator`, `cli`. */
  by: string;
  note: string;
}

export interface DeliveryDetail {
  delivery: Delivery;
  attempts: AttemptRecord[];
  confirmations: ConfirmationRecord[];
  history: HistoryEntry[];
  webhook: Webhook | null;
}

/** One change of one delivery and what is written beside it, in one transaction. */
export interface Change {
  at: UnixMs;
  by: string;
  attempt?: AttemptRecord;
  confirmation?: ConfirmationRecord;
  /** The row as the caller knows it: where it is still so, it need not be read first. */
  seen?: Delivery;
  /** Given the row as it is now; null: write only what is beside it. Pure, may be called more than once. */
  decide: (delivery: Delivery) => Transition | null;
}

export interface DeliveryFilter {
  state?: DeliveryState;
  /** Only those a person should look at. */
  attention?: true;
  store?: string;
  printer?: string;
  /** The order's id or name, exactly (a leading `#` does not count). */
  order?: string;
  /** Part of the order's id, name, reason, or the delivery's id; case does not count. */
  q?: string;
  /** `created_at`, this moment included. */
  since?: UnixMs;
  /** `created_at`, this moment not included. */
  until?: UnixMs;
  /** The last id of the page before. */
  before?: string;
  limit: number;
}

export interface WebhookFilter {
  status?: WebhookStatus;
  store?: string;
  before?: string;
  limit: number;
}

/** Ids of deliveries whose time has come, at most `limit` of each. */
export interface Overdue {
  useless: string[];
  unconfirmed: string[];
  /** `sending` or claimed `verifying` past its lease. */
  lost: string[];
}

export interface LedgerCounts {
  by_state: Record<DeliveryState, number>;
  /** The longest-due waiting delivery's `next_attempt_at`; null when none is due. */
  oldest_due_at: UnixMs | null;
}

/** What was found when a restored ledger was taken up. */
export interface Restored {
  backup_at: UnixMs;
  /** Deliveries that say `MAY BE A REPEAT` from now on. */
  marked: number;
}

/** What `apply` did, each as `printer kitchen` or `store noodle-bar`; printers before stores but in `deleted`. */
export interface AppliedChanges {
  created: string[];
  updated: string[];
  deleted: string[];
  unchanged: string[];
}

/** `seen` null: there was none of this name; `to` null: there shall be none. */
export type SettingsEdit =
  | { kind: "printer"; name: string; seen: PrinterSettings | null; to: PrinterSettings | null }
  | { kind: "store"; name: string; seen: StoreSettings | null; to: StoreSettings | null };

export type EditResult = "created" | "updated" | "deleted" | "unchanged";

/**
 * The relay's memory, and the only place that knows SQL. Asynchronous at its border, so that another database
 * can stand in; held to by test/ledger/contract.ts on every implementation.
 *
 * Every method may throw `RelayError("ledger_unavailable")` when it cannot read or store now. What a resolved
 * promise says was written is durable: it survives kill -9 and loss of power.
 */
export interface Ledger {
  /**
   * Writes webhook and delivery in one durable commit; calls of the same turn of the event loop share it.
   * Deduplicates by store and order: a further one is recorded as `duplicate` with the first's delivery, without
   * its body. A `void` delivery is revived instead, and the status is `accepted`.
   */
  enqueue(entry: InboundEntry): Promise<EnqueueResult>;
  /**
   * A stored webhook once more, under its old id: only one that has no delivery yet can gain one. One that has
   * revives it when it is `void`, and is a `duplicate` otherwise; its own row stays as it is.
   * @throws `not_found` when there is no such webhook
   */
  reenqueue(entry: InboundEntry): Promise<EnqueueResult>;
  /**
   * A reprint or a test. For a reprint the ledger picks `reprint_number`, and a reprint of a reprint becomes one of
   * the first delivery. @throws `not_found` when `reprint_of` is unknown
   */
  add(delivery: NewDelivery, by: string, note: string): Promise<Delivery>;

  /**
   * Takes due deliveries, oldest due first: sets the lease, and for `pending` also `sending`, the count, what the
   * attempt is to be signed with (`signed_at`), and no `next_attempt_at`. One whose lease runs is left alone, and so is one past its `useful_until`: the sweep ends it.
   */
  claim(query: ClaimQuery): Promise<Delivery[]>;
  /** The earliest moment at which anything can be claimed, past ones too; null: nothing waits. */
  nextDueAt(): Promise<UnixMs | null>;
  /** Applies one change; shares commits as `enqueue` does. @returns the row after it. @throws `not_found` */
  change(id: string, change: Change): Promise<Delivery>;
  /** Makes waiting `pending` deliveries whose last try was `unavailable` due now, oldest first. @returns how many */
  release(now: UnixMs, filter: { printer?: string; limit?: number }): Promise<number>;
  /** Ids of held deliveries (pending without a next attempt), oldest first. */
  held(limit: number): Promise<string[]>;
  overdue(now: UnixMs, limit: number): Promise<Overdue>;
  /** Waiting deliveries whose next attempt is later than `at`: asked when the clock may have been set back. */
  waitingBeyond(at: UnixMs): Promise<Wait[]>;
  /** Ids of all in `sending` and of claimed `verifying`: at the start, what a dead process left. */
  abandoned(): Promise<string[]>;

  /**
   * When this ledger was put back from a backup and no service has run on it since: marks all that may still be
   * sent as `may_be_repeat`, with a line of history, for it may have printed after the backup. From then on new
   * cancellations of before are marked too. Null: there is nothing to take up.
   */
  takeUpRestored(now: UnixMs): Promise<Restored | null>;

  /**
   * One batch of a run that takes away what is old, in one transaction; a row of `deliveries` or `webhooks` never
   * goes, nor what belongs to a delivery that is `verifying`, `pending` or `sending`. A call with the same moments
   * goes on where the one before ended, until `done`.
   */
  prune(query: PruneQuery): Promise<PrunedBatch>;
  /** The `run_at` of the last finished run; null: none yet. */
  prunedAt(): Promise<UnixMs | null>;

  findDelivery(id: string): Promise<DeliveryDetail | null>;
  listDeliveries(filter: DeliveryFilter): Promise<Delivery[]>;
  findWebhook(id: string): Promise<WebhookWithBody | null>;
  listWebhooks(filter: WebhookFilter): Promise<Webhook[]>;
  counts(now: UnixMs): Promise<LedgerCounts>;

  settings(): Promise<Settings>;
  /**
   * Creates or updates what is named, in one transaction; with `prune` deletes what is not.
   * @throws `invalid` when a store names a printer that is neither in the file nor in the ledger
   */
  apply(
    settings: { printers: readonly PrinterSettings[]; stores: readonly StoreSettings[] },
    options: { prune: boolean; now: UnixMs },
  ): Promise<AppliedChanges>;

  /**
   * One printer or store put or removed, if it is still as `seen` by whoever changes it. What is so already is
   * `unchanged`, so that the same edit may come twice.
   * @throws `conflict` when it has changed since, or when a store uses the printer to remove; `invalid` when the
   *   store's printer is not there
   */
  edit(edit: SettingsEdit, now: UnixMs): Promise<EditResult>;

  /** Calls back soon (within 1 s) after another process wrote to this ledger. @returns how to stop it */
  onForeignWrite(listener: () => void): () => void;
  /** Proves that a row can be written. @throws `ledger_unavailable` */
  ping(now: UnixMs): Promise<void>;
  /** Writes what waits, then closes. Nothing may be called afterwards. */
  close(): Promise<void>;
}
