import type { PlatformName } from "../core/cancellation.ts";
import type { Wait } from "../core/clock-set.ts";
import type { Delivery, DeliveryKind, Transition } from "../core/delivery.ts";
import type { NewErasure } from "../core/erasure.ts";
import type { PrunedBatch, PruneQuery } from "../core/retention.ts";
import type { Ticket } from "../core/ticket.ts";
import type { UnixMs } from "../core/time.ts";
import type { Origin, WebhookStatus } from "../core/webhook.ts";
import type { AlertLedger } from "./alert-ledger.ts";
import type { ErasureLedger } from "./erasure-ledger.ts";
import type { LedgerCounts, LedgerVitals, PastQuery, PastSteps } from "./figures.ts";
import type { KeyLedger } from "./key-ledger.ts";
import type { AttemptRecord, ConfirmationRecord, HistoryEntry } from "./records.ts";
import type { SettingsLedger } from "./settings-changes.ts";
import type { ServiceLedger } from "./service-ledger.ts";
import type { SessionLedger } from "./session-ledger.ts";
import type { WatchLedger } from "./store-watch.ts";
import type { DeliveryFilter, DeliverySearch, FoundPage, WebhookFilter, WebhookSearch } from "./filters.ts";

export type { DeliveryStep, LedgerCounts, LedgerVitals, PastQuery, PastSteps } from "./figures.ts";
export type { AttemptRecord, ConfirmationRecord, HistoryEntry } from "./records.ts";
export type { AppliedChanges, EditResult, SettingsEdit } from "./settings-changes.ts";
export type { DeliveryFilter, DeliverySearch, FoundPage, WebhookFilter, WebhookSearch };

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
  /** Absent: `webhook`. */
  origin?: Origin;
}

export interface Webhook extends Omit<NewWebhook, "body"> {
  origin: Origin;
  status: WebhookStatus;
  /** Why it was ignored or quarantined. */
  reason: string | null;
  delivery_id: string | null;
  body_bytes: number;
}

/** Null body: a duplicate's is not kept, old ones are pruned, and one may be damaged. */
export type WebhookWithBody = Webhook & { body: Buffer | null; body_damaged?: true };

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
  /** Of the webhook, where traces are kept and it named one. */
  traceparent?: string | null;
}

/** What an authentic webhook turned out to be. */
export type InboundEntry =
  | { webhook: NewWebhook; delivery: NewDelivery }
  /** With an erasure that it asks for: both are written in one commit, and the body is not kept. */
  | {
      webhook: NewWebhook;
      delivery: null;
      status: "ignored" | "quarantined";
      reason: string;
      erasure?: NewErasure;
    };

export interface EnqueueResult {
  status: WebhookStatus;
  webhook_id: string;
  delivery_id: string | null;
  reason: string | null;
}

export interface ReleaseFilter {
  printer?: string;
  limit?: number;
  /** None where only one waits; with `only_id`, where nothing else is there to be sent. */
  unless_alone?: boolean;
  /** This one, whatever `limit` is. */
  only_id?: string;
}

export interface ClaimQuery {
  /** The service that claims, where several work on the ledger. */
  by?: string | null;
  state: "pending" | "verifying";
  now: UnixMs;
  lease_until: UnixMs;
  limit: number;
  /** Only this delivery. */
  only_id?: string;
  /** Only this printer's, or all but these. */
  only_printer?: string;
  except_printers?: readonly string[];
  /** None of these stores'. */
  except_stores?: readonly string[];
  /** Not more than one of any store. */
  one_of_each_store?: boolean;
}

export interface DeliveryDetail {
  delivery: Delivery;
  /** The newest `ATTEMPTS_SHOWN_MAX`, oldest first. */
  attempts: AttemptRecord[];
  /** Where `listAttempts` goes on with those before them; null: there are none. */
  earlier_attempts: string | null;
  confirmations: ConfirmationRecord[];
  history: HistoryEntry[];
  webhook: Webhook | null;
}

/** Under which an act is done once (decision 19). */
export interface ActKey {
  /** The client's: `Idempotency-Key`. */
  key: string;
  /** What is asked for under it, in any form: the same text is the same request. */
  request: string;
}

/** What an act came to: all that its first answer was made of. */
export type ActResult =
  | { delivery: Omit<Delivery, "ticket"> }
  | { receipt: EnqueueResult; told?: Readonly<Record<string, string>> };

/** Who acts, and when. */
export interface Act {
  at: UnixMs;
  by: string;
  once?: ActKey;
  /** What the act came to elsewhere, remembered with its result. */
  told?: Readonly<Record<string, string>>;
}

/** One change of one delivery and what is written beside it, in one transaction. */
export interface Change extends Act {
  attempt?: AttemptRecord;
  /** The attempt is supposed, from what was read before: it is written only with a transition. */
  is_supposed?: true;
  confirmation?: ConfirmationRecord;
  /** Whether the attempt began with the buyer: the row that was claimed was not forgotten. Undefined: it may have. */
  with_buyer?: boolean;
  /** The row as the caller knows it: where it is still so, it need not be read first. */
  seen?: Delivery;
  /** Given the row as it is now; null: write only what is beside it. Pure, may be called more than once. */
  decide: (delivery: Delivery) => Transition | null;
}

/** Ids of deliveries whose time has come, at most `limit` of each. */
export interface Overdue {
  useless: string[];
  unconfirmed: string[];
  /** `sending` or claimed `verifying` past its lease. */
  lost: string[];
  /** Within its lease, but claimed by a service that lives no more. */
  orphaned: { id: string; lease_until: UnixMs }[];
}

/** A part of what waits: at most `limit`, and what comes behind the last of the part before. */
export interface WaitPage {
  limit?: number;
  after?: Wait | undefined;
}

/** What was found when a restored ledger was taken up. */
export interface Restored {
  backup_at: UnixMs;
  /** Deliveries that say `MAY BE A REPEAT` from now on. */
  marked: number;
  /** Deliveries and webhooks that had been forgotten after the backup, and are again. */
  forgotten: number;
}

/**
 * The relay's memory, and the only place that knows SQL. Asynchronous at its border, so that another database
 * can stand in; held to by test/ledger/contract.ts on every implementation.
 *
 * Every method may throw `RelayError("ledger_unavailable")` when it cannot read or store now. What a resolved
 * promise says was written is durable: it survives kill -9 and loss of power.
 */
export interface Ledger
  extends AlertLedger, ErasureLedger, KeyLedger, ServiceLedger, SessionLedger, SettingsLedger, WatchLedger {
  /**
   * Writes webhook and delivery in one durable commit; calls of the same turn of the event loop share it.
   * Deduplicates by store and order: a further one is recorded as `duplicate` with the first's delivery, without
   * its body. A `void` delivery is revived instead, and the status is `accepted`; so is one that is `verifying`
   * and not being asked, when this entry needs no asking.
   * @param act whose doing it was; none: the store's. The delivery's history tells it; `repeated`, `key_reused`
   */
  enqueue(entry: InboundEntry, act?: Act): Promise<EnqueueResult>;
  /**
   * A stored webhook once more, under its old id: only one that has no delivery yet can gain one. One that has
   * revives it when it is `void`, and is a `duplicate` otherwise; its own row stays as it is. The history of the
   * delivery, if there is one, says who did it. An erasure that it asks for begins in the same commit.
   * @throws `not_found` when there is no such webhook; `repeated`, `key_reused`
   */
  reenqueue(entry: InboundEntry, act: Act): Promise<EnqueueResult>;
  /**
   * A reprint or a test. For a reprint the ledger picks `reprint_number`, and a reprint of a reprint becomes one of
   * the first delivery. @throws `not_found` when `reprint_of` is unknown; `repeated`, `key_reused`
   */
  add(delivery: NewDelivery, by: string, note: string, once?: ActKey): Promise<Delivery>;
  /**
   * What was done under this key: written in the transaction of the act, kept for `ACT_KEYS_KEPT_DAYS`. Null: nothing
   * yet. @throws `key_reused` when it was something else
   */
  findAct(once: ActKey, now: UnixMs): Promise<ActResult | null>;

  /**
   * Takes due deliveries, oldest due first; where more is due than is taken, one of each store in turn, and of a store
   * its oldest (what is no store's has a turn of its own). Sets the lease, and for `pending` also `sending`, the count,
   * what the attempt is to be signed with (`signed_at`), and no `next_attempt_at`. One whose lease runs is left alone,
   * and so is one past its `useful_until`: the sweep ends it.
   */
  claim(query: ClaimQuery): Promise<Delivery[]>;
  /** The earliest moment at which anything can be claimed, past ones too; null: nothing waits. */
  nextDueAt(): Promise<UnixMs | null>;
  /**
   * Applies one change; shares commits as `enqueue` does. One that is an act under a key is remembered when it changes
   * the row. @returns the row after it. @throws `not_found`; `repeated`, `key_reused`, before anything is decided
   */
  change(id: string, change: Change): Promise<Delivery>;
  /**
   * Makes waiting `pending` deliveries whose last try was `unavailable` due now, oldest first.
   * @returns how many
   */
  release(now: UnixMs, filter: ReleaseFilter): Promise<number>;
  /** Ids of held deliveries (pending without a next attempt) that may be tried once more, oldest first. */
  held(limit: number): Promise<string[]>;
  overdue(now: UnixMs, limit: number): Promise<Overdue>;
  /** Waiting deliveries whose next attempt is later than `at`, soonest first: asked when the clock may have been set back. */
  waitingBeyond(at: UnixMs, page?: WaitPage): Promise<Wait[]>;
  /**
   * Shortens what a clock that was ahead has left to wait for: the confirmations of slips, and the telling of alerts.
   * Asked when the clock may have been set back; may be done again.
   */
  setClockBack(now: UnixMs): Promise<void>;
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

  /** Alone, without what it has been through: for a decision, which a webhook may wait behind. */
  readDelivery(id: string): Promise<Delivery | null>;
  findDelivery(id: string): Promise<DeliveryDetail | null>;
  /** Newest first. @param after `next` of the page before. @returns null: there is no such delivery */
  listAttempts(id: string, limit: number, after?: string): Promise<FoundPage<AttemptRecord> | null>;
  listDeliveries(filter: DeliveryFilter): Promise<Delivery[]>;
  /**
   * What people search for, newest first, looking through so many rows in one go that nobody waits for it (decision
   * 20). Page after page has each row once that matches all the while, whatever comes in meanwhile.
   */
  searchDeliveries(search: DeliverySearch): Promise<FoundPage<Delivery>>;
  findWebhook(id: string): Promise<WebhookWithBody | null>;
  listWebhooks(filter: WebhookFilter): Promise<Webhook[]>;
  /** As `searchDeliveries`. */
  searchWebhooks(search: WebhookSearch): Promise<FoundPage<Webhook>>;
  counts(now: UnixMs): Promise<LedgerCounts>;
  vitals(): Promise<LedgerVitals>;
  /** One page of what deliveries went through, looking back from the latest; its length does not depend on the ledger's. */
  pastSteps(query: PastQuery): Promise<PastSteps>;

  /** Calls back soon (within 1 s) after another process wrote to this ledger. @returns how to stop it */
  onForeignWrite(listener: () => void): () => void;
  /** Proves that a row can be written. @throws `ledger_unavailable` */
  ping(now: UnixMs): Promise<void>;
  /** Writes what waits, then closes. Nothing may be called afterwards. */
  close(): Promise<void>;
}
