import { withoutBuyerIn } from "./core/buyer-in-text.ts";
import type { Verification, Delivery } from "./core/delivery.ts";
import { needsVerifying, type StoreSettings } from "./core/settings.ts";
import { ticketOf, type Ticket } from "./core/ticket.ts";
import { SECOND_MS, type UnixMs } from "./core/time.ts";
import type { InboundEntry, NewDelivery, NewWebhook } from "./ledger/ledger.ts";
import type { InboundRequest, Platform, Reading, Refusal } from "./platforms/platform.ts";
import type { RelayDeps } from "./relay-deps.ts";
import { storeNow } from "./settings-now.ts";

// Whether a webhook is a store's own, and what a store's words mean to the relay: a webhook's, and its API's of one order.

/** Whether an inbound request is a store's own. */
export type Sender =
  | { kind: "authentic"; store: StoreSettings }
  /** Who sent it, and so how much of it is told, http/ knows. */
  | { kind: "refused"; refusal: Refusal }
  | { kind: "unknown_store" };

/** @param store the one of that name, of whatever platform */
export function senderOf(
  store: StoreSettings | undefined,
  platform: Platform,
  request: InboundRequest,
  receivedAt: UnixMs,
): Sender {
  if (store?.platform !== platform.name) {
    platform.verifyNobody?.(request);
    return { kind: "unknown_store" };
  }
  const refusal = platform.verify(request, store, receivedAt) ?? platform.verifyShop(request, store);
  return refusal === null ? { kind: "authentic", store } : { kind: "refused", refusal };
}

/** What is known of a cancellation beside the body that tells it. */
export interface HowItCame {
  /** When the printer's `useful_for_s` begins, where not with the webhook. */
  usefulFrom?: number;
  traceparent?: string | null;
  /** The store's API has said it itself: it need not be asked whether it is so. */
  proven?: boolean;
  /** Somebody wants the slip now, whatever the age of the cancellation. */
  asked?: boolean;
  /** Why, where the body does not say. */
  reason?: string;
}

/**
 * What an authentic webhook means: a delivery to make, or why there is none.
 * @param how what is known of it beside its body
 */
export function entryOf(
  deps: RelayDeps,
  webhook: NewWebhook,
  platform: Platform,
  store: StoreSettings,
  how: HowItCame = {},
): InboundEntry {
  const reading = platform.read(webhook.body, store);
  if (reading.kind === "erasure") return erasureEntry(deps, webhook, reading);
  if (reading.kind !== "cancellation") {
    return { webhook, delivery: null, status: reading.kind, reason: reading.reason };
  }
  const cancellation = { ...reading.cancellation, reason: reading.cancellation.reason ?? how.reason ?? null };
  const unwanted = whyUnwanted(store, cancellation, how.asked === true ? null : webhook.received_at);
  if (unwanted !== null) return { webhook, delivery: null, status: "ignored", reason: unwanted };
  const ticket = ticketOf(cancellation, store, webhook.received_at);
  const delivery: NewDelivery = {
    id: deps.makeId(),
    kind: "cancellation",
    state: needsVerifying(store) && how.proven !== true ? "verifying" : "pending",
    platform: store.platform,
    store: store.name,
    printer: store.printer,
    reprint_of: null,
    order_id: cancellation.order_id,
    order_name: cancellation.order_name ?? cancellation.order_id,
    cancelled_at: cancellation.cancelled_at,
    reason: listedReason(ticket),
    ticket,
    created_at: webhook.received_at,
    useful_until: usefulUntil(deps, store.printer, how.usefulFrom ?? webhook.received_at),
    traceparent: how.traceparent ?? null,
  };
  return { webhook, delivery };
}

/** Nothing prints; what is asked for is begun with it. What the relay has fetched itself asks for nothing. */
function erasureEntry(
  deps: RelayDeps,
  webhook: NewWebhook,
  { reason, subject }: Extract<Reading, { kind: "erasure" }>,
): InboundEntry {
  if ((webhook.origin ?? "webhook") !== "webhook") {
    return { webhook, delivery: null, status: "quarantined", reason: NO_ORDER };
  }
  const erasure = { id: deps.makeId(), asked_at: webhook.received_at, by: "store", subject };
  return { webhook, delivery: null, status: "ignored", reason, erasure };
}
const NO_ORDER = "the store's API answered with something that is no order";

/**
 * Why the store's settings let this cancellation be recorded and not printed; null: it prints.
 * @param now null: its age does not count
 */
function whyUnwanted(
  store: StoreSettings,
  cancellation: { test: boolean; cancelled_at: number | null },
  now: number | null,
): string | null {
  if (cancellation.test && store.test_orders === "ignore") return "a test order (test_orders: ignore)";
  const { ignore_older_than_s: limitS } = store;
  if (
    limitS !== null &&
    now !== null &&
    cancellation.cancelled_at !== null &&
    now - cancellation.cancelled_at > limitS * SECOND_MS
  ) {
    return `cancelled more than ${limitS} s ago (ignore_older_than_s)`;
  }
  return null;
}

export function usefulUntil(deps: RelayDeps, printer: string, from: number): number {
  return from + (deps.printer(printer)?.useful_for_s ?? USEFUL_FOR_S_DEFAULT) * SECOND_MS;
}
/** For a printer whose settings are gone; the same as a printer's own default. */
const USEFUL_FOR_S_DEFAULT = 86_400;
/** What follows from an attempt for a printer whose settings are gone. */
export const TIMES_UNKNOWN = {
  endpoint: "cancelorder",
  confirm_within_s: USEFUL_FOR_S_DEFAULT,
  useful_for_s: 0,
} as const;

/** Asks the store itself whether the order is cancelled, where its settings still want that. Never throws. */
export async function askStore(deps: RelayDeps, delivery: Delivery): Promise<Verification> {
  const store = delivery.store === null ? undefined : await storeNow(deps, delivery.store);
  if (store === undefined) {
    return unavailable(`store ${delivery.store ?? "?"} can no longer be asked: apply its settings again`);
  }
  if (store.platform === delivery.platform && !needsVerifying(store))
    return { kind: "trusted", detail: TRUSTED };
  const platform = deps.platforms[store.platform];
  const answer = await platform.api.getOrder(store, delivery.order_id, "once");
  if (answer.kind === "failed") {
    const { why, detail, retry_after_ms } = answer;
    if (why === "not_found") return { kind: "not_cancelled", detail, order_unknown: true };
    const refused = why === "unauthorized" || why === "forbidden";
    return { kind: "unavailable", detail, retry_after_ms, refused };
  }
  const reading = platform.read(answer.value, store);
  if (reading.kind === "quarantined")
    return unavailable(`the store's API answered nonsense: ${reading.reason}`);
  if (reading.kind === "erasure") return unavailable(NO_ORDER);
  if (reading.kind === "ignored")
    return { kind: "not_cancelled", detail: `the store's API says: ${reading.reason}` };
  const { cancellation } = reading;
  if (cancellation.order_id !== delivery.order_id) {
    return unavailable("the store's API answered with another order");
  }
  const unwanted = whyUnwanted(store, cancellation, delivery.created_at);
  if (unwanted !== null) return { kind: "ignored", detail: unwanted };
  const ticket = ticketOf(cancellation, store, delivery.created_at);
  const { order_name } = ticket;
  const { cancelled_at } = cancellation;
  return { kind: "cancelled", ticket, order_name, reason: listedReason(ticket), cancelled_at };
}

const TRUSTED = "trust_body is set by now: its webhook is believed, and the store's API is not asked";

/** Lists show it, and lists show no buyer, whoever typed his name into the reason. The ticket has it as it came. */
function listedReason({ reason, buyer }: Ticket): string | null {
  return reason === null ? null : withoutBuyerIn(reason, buyer);
}

function unavailable(detail: string): Verification {
  return { kind: "unavailable", detail, retry_after_ms: null, refused: false };
}
