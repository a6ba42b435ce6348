import type { PlatformName } from "./core/cancellation.ts";
import { afterAttempt, afterConfirmation, afterVerification } from "./core/decide.ts";
import type { AttemptOutcome, Confirmation, Delivery, Transition } from "./core/delivery.ts";
import { persistently, RelayError } from "./core/errors.ts";
import { hideBuyer } from "./core/hide-buyer.ts";
import { isClaimOf, isOwn } from "./core/lease.ts";
import { toRfc3339 } from "./core/time.ts";
import { afterUnsendable, unsendable } from "./core/unsendable.ts";
import type { EnqueueResult, NewWebhook } from "./ledger/ledger.ts";
import type { OperatorActs } from "./acts.ts";
import {
  giveUp,
  requestOf,
  sendAttempt,
  toldOf,
  tracedOf,
  verifyAttempt,
  withoutBuyerIn,
  withoutBuyerOf,
} from "./attempts.ts";
import { askStore, entryOf, senderOf, TIMES_UNKNOWN, type Sender } from "./intake.ts";
import type { InboundRequest } from "./platforms/platform.ts";
import type { RelayDeps } from "./relay-deps.ts";
import { printerNow } from "./settings-now.ts";
import type { SetUpActs } from "./set-up.ts";
import type { StoreActs } from "./stores/store-acts.ts";

/** What became of one inbound request. */
export type Receipt = ({ kind: "kept" } & EnqueueResult) | Exclude<Sender, { kind: "authentic" }>;

/** The story of a cancellation, act by act. */
export interface Story {
  /** Verifies, reads and stores one webhook; resolves when it is durable. @throws `ledger_unavailable` */
  receive(platform: PlatformName, store: string, request: InboundRequest): Promise<Receipt>;
  /** Asks the store's API about one claimed `verifying` delivery. @returns null: its lease is lost, as below */
  verify(delivery: Delivery): Promise<Delivery | null>;
  /**
   * Sends one claimed delivery to Goodcom once and writes down what came of it.
   * @param answered told the outcome before it is written down: the way to the cloud is free again
   * @returns null: its lease is lost, so that nothing was sent. Whoever has it by now keeps it; nobody: it is due again
   */
  deliver(
    delivery: Delivery,
    answered?: (outcome: AttemptOutcome) => void,
  ): Promise<{ outcome: AttemptOutcome; delivery: Delivery } | null>;
  /** The printer's word. False: no such delivery, or the token is wrong. */
  confirm(
    deliveryId: string,
    token: string,
    callback: { confirmation: Confirmation; raw: string },
  ): Promise<boolean>;
}

export type Relay = Story & OperatorActs & SetUpActs & StoreActs;

export function createStory(deps: RelayDeps): Story {
  return {
    receive: (platform, store, request) => receive(deps, platform, store, request),
    verify: (delivery) => verify(deps, delivery),
    deliver: (delivery, answered) => deliver(deps, delivery, answered),
    confirm: (deliveryId, token, callback) => confirm(deps, deliveryId, token, callback),
  };
}

// 1. A store calls: verify the bytes, read them once, keep them, and only then answer.

async function receive(
  deps: RelayDeps,
  platformName: PlatformName,
  storeName: string,
  request: InboundRequest,
): Promise<Receipt> {
  const receivedAt = deps.clock.now();
  const platform = deps.platforms[platformName];
  const look = (): Sender => senderOf(deps.store(storeName), platform, request, receivedAt);
  let sender = look();
  // The store or its secret may have been applied a moment ago.
  if (sender.kind !== "authentic" && (await deps.settingsAgain())) sender = look();
  if (sender.kind !== "authentic") return sender;
  const { store } = sender;
  const labels = platform.labels(request.headers, request.body);
  const webhook: NewWebhook = {
    id: deps.makeId(),
    platform: platformName,
    store: storeName,
    platform_webhook_id: labels.webhook_id,
    topic: labels.topic,
    headers: keptHeaders(request.headers, platform.kept_headers),
    body: request.body,
    received_at: receivedAt,
  };
  const traceparent = deps.trace?.keep(request.headers.traceparent) ?? null;
  const entry = entryOf(deps, webhook, platform, store, { traceparent });
  const result = await deps.ledger.enqueue(entry);
  if (result.status === "accepted") deps.wake();
  if ("erasure" in entry) deps.wake("erasure");
  deps.emit({
    event: "webhook.received",
    status: result.status,
    store: storeName,
    platform: platformName,
    webhook: result.webhook_id,
    delivery: result.delivery_id,
    order: entry.delivery?.order_id ?? null,
    reason: result.reason,
    body_bytes: request.body.length,
    duration_ms: deps.clock.now() - receivedAt,
    traced: { root: webhook.id, traceparent, ended_at: deps.clock.now() },
  });
  return { kind: "kept", ...result };
}

function keptHeaders(headers: InboundRequest["headers"], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
}

// 2. Where the webhook proves nothing, the store's API is asked before anything prints.

async function verify(deps: RelayDeps, claimed: Delivery): Promise<Delivery | null> {
  const startedAt = deps.clock.now();
  if (!isOwn(claimed, "verify", deps.leadership, startedAt)) return giveUp(deps, claimed);
  const found = withoutBuyerIn(await askStore(deps, claimed), claimed);
  const now = deps.clock.now();
  // An answer that comes when another relay asks already is only written down.
  const decide = (row: Delivery): Transition | null =>
    isClaimOf(row, claimed, deps) ? afterVerification(row, found, { now, chance: deps.chance }) : null;
  if (found.kind === "trusted") return deps.ledger.change(claimed.id, { at: now, by: "relay", decide });
  const attempt = verifyAttempt(found, startedAt, now);
  const delivery = await deps.ledger.change(claimed.id, { at: now, by: "relay", attempt, decide });
  deps.emit({
    event: "delivery.verified",
    delivery: delivery.id,
    order: delivery.order_id,
    store: delivery.store,
    result: found.kind,
    api: found.kind === "unavailable" ? (found.refused ? "refused" : "unavailable") : "answered",
    detail: found.kind === "cancelled" ? "" : toldOf(attempt, delivery),
    order_unknown: found.kind === "not_cancelled" && found.order_unknown === true,
    state: delivery.state,
    next_attempt_at: toRfc3339(delivery.next_attempt_at),
    duration_ms: now - startedAt,
    traced: tracedOf(delivery, now),
  });
  return delivery;
}

// 3. The slip goes out: laid out for this moment, signed afresh, sent once, and the outcome written down.

async function deliver(
  deps: RelayDeps,
  claimed: Delivery,
  answered?: (outcome: AttemptOutcome) => void,
): Promise<{ outcome: AttemptOutcome; delivery: Delivery } | null> {
  const startedAt = deps.clock.now();
  const lease = { isLost: false };
  const mayLeave = (): boolean =>
    !(lease.isLost ||= !isOwn(claimed, "send", deps.leadership, deps.clock.now()));
  if (!mayLeave()) return giveUp(deps, claimed);
  const printer = await printerNow(deps, claimed.printer);
  const endpoint = claimed.endpoint ?? (printer?.endpoint === "submitorder" ? "submitorder" : "cancelorder");
  const made = requestOf(deps, claimed, { endpoint, printer }, startedAt);
  const { outcome: said, sent } =
    typeof made === "string"
      ? { outcome: unsendable(made), sent: null }
      : await deps.goodcom.send(made, mayLeave);
  if (lease.isLost) return giveUp(deps, claimed);
  const outcome = withoutBuyerOf(said, claimed);
  // What never left tells nothing of the cloud, and holds up nobody else's slip.
  if (sent !== null) answered?.(outcome);
  const now = deps.clock.now();
  const attempt = sendAttempt(claimed, outcome, sent, startedAt, now);
  const times = printer ?? TIMES_UNKNOWN;
  // Paper may be out: what came of it is worth waiting for a ledger that cannot store right now.
  const delivery = await persistently(deps.clock, claimed.lease_until ?? now, () =>
    deps.ledger.change(claimed.id, {
      at: now,
      by: "relay",
      attempt,
      with_buyer: claimed.forgotten_at === null,
      seen: claimed,
      // An answer that comes when the attempt was given up and another begun is only written down.
      decide: (row) =>
        row.attempt_count !== claimed.attempt_count
          ? null
          : sent === null
            ? afterUnsendable(row, outcome.detail, now)
            : afterAttempt(row, outcome, times, { now, chance: deps.chance }),
    }),
  );
  deps.emit({
    event: "delivery.attempted",
    delivery: delivery.id,
    order: delivery.order_id,
    store: delivery.store,
    printer: delivery.printer,
    attempt: attempt.number,
    endpoint,
    outcome: outcome.kind,
    http_status: outcome.http_status,
    detail: toldOf(attempt, delivery),
    state: delivery.state,
    next_attempt_at: toRfc3339(delivery.next_attempt_at),
    duration_ms: now - startedAt,
    clock_skew_ms: outcome.clock_skew_ms,
    since_received_ms: delivery.accepted_at === now ? now - delivery.created_at : null,
    traced: tracedOf(delivery, now),
  });
  return { outcome: { ...outcome, detail: toldOf(attempt, delivery) }, delivery };
}

// 4. The printer confirms, perhaps late, perhaps twice.

async function confirm(
  deps: RelayDeps,
  deliveryId: string,
  token: string,
  { confirmation, raw }: { confirmation: Confirmation; raw: string },
): Promise<boolean> {
  if (!deps.isCallbackToken(deliveryId, token)) return false;
  const now = deps.clock.now();
  let delivery: Delivery;
  const decided: (Transition | null)[] = [];
  try {
    delivery = await deps.ledger.change(deliveryId, {
      at: now,
      by: "printer",
      confirmation: { ...confirmation, at: now, raw },
      decide: (row) => {
        // Of a forgotten buyer nobody knows the words to hide.
        const said = row.forgotten_at === null ? confirmation.message : null;
        const message = said && hideBuyer(said, row.ticket);
        const transition = afterConfirmation(row, { ...confirmation, message }, now);
        decided.push(transition);
        return transition;
      },
    });
  } catch (error) {
    if (error instanceof RelayError && error.code === "not_found") return false;
    throw error;
  }
  const moved = decided.at(-1) !== null;
  deps.emit({
    event: "delivery.confirmed",
    delivery: delivery.id,
    order: delivery.order_id,
    printer: delivery.printer,
    verdict: confirmation.verdict,
    state: delivery.state,
    moved,
    since_accepted_ms: delivery.accepted_at === null ? null : now - delivery.accepted_at,
    since_received_ms: moved && delivery.state === "printed" ? now - delivery.created_at : null,
    traced: tracedOf(delivery, now),
  });
  return true;
}
