import { reprintIn } from "./alert-reason.ts";
import { REFUSED } from "./decide.ts";
import type { Attention } from "./delivery.ts";
import { MINUTE_MS, SECOND_MS, type UnixMs } from "./time.ts";

/**
 * What needs a person. An alert is a matter with a state: open from the moment at which something went wrong, closed
 * when its cause has gone. It stands in the ledger whether or not anybody is told of it.
 *
 * A further type is one entry here, somebody who raises it, and somebody who closes it.
 */
const DELIVERY = { tell_after_ms: 0, calm_ms: 0 } as const;

export const ALERT_KINDS = {
  "delivery.dead": { ...DELIVERY, severity: "critical", what: "the cancellation will not print" },
  "delivery.held": {
    ...DELIVERY,
    severity: "critical",
    what: "sent as often as paper allows, may have printed, now held",
  },
  "delivery.unconfirmed": {
    ...DELIVERY,
    severity: "warning",
    what: "accepted by the cloud, but the printer has not confirmed",
  },
  "delivery.rejected": { ...DELIVERY, severity: "warning", what: "refused by the staff at the printer" },
  "delivery.unverified": {
    // An API that fails once is asked again a moment later.
    ...{ tell_after_ms: 5 * MINUTE_MS, calm_ms: 0 },
    severity: "warning",
    what: "the store's API cannot be asked whether the order is cancelled",
  },
  "webhook.quarantined": {
    ...DELIVERY,
    severity: "critical",
    what: "could not be understood and is kept",
  },
  // Anybody can send a wrong signature between two right ones: not a message for each.
  "webhook.refused": { tell_after_ms: 0, calm_ms: 60 * MINUTE_MS, severity: "critical", what: "are refused" },
  // The relay mends it by itself; whoever reads it should know why the webhooks had failed.
  "subscription.gone": {
    ...{ tell_after_ms: 0, calm_ms: 60 * MINUTE_MS },
    severity: "warning",
    what: "had lost its webhook subscription",
  },
  "api.refused": {
    ...{ tell_after_ms: 0, calm_ms: 10 * MINUTE_MS },
    severity: "critical",
    what: "does not let the relay ask its API",
  },
  // A store's API is away now and then, and webhooks come all the same.
  "api.lost": {
    ...{ tell_after_ms: 30 * MINUTE_MS, calm_ms: 10 * MINUTE_MS },
    severity: "warning",
    what: "cannot be asked by its API",
  },
  // Of another account's token: it knows none of the orders, and nothing would ever print.
  "api.stranger": {
    ...{ tell_after_ms: 0, calm_ms: 10 * MINUTE_MS },
    severity: "critical",
    what: "does not know an order that its own webhook calls cancelled, so no slip of it prints",
  },
  "store.unreconciled": {
    ...{ tell_after_ms: 30 * MINUTE_MS, calm_ms: 10 * MINUTE_MS },
    severity: "warning",
    what: "cannot be asked for what no webhook brought",
  },
  "store.flooding": {
    ...{ tell_after_ms: 0, calm_ms: 60 * MINUTE_MS },
    severity: "critical",
    what: "lists more cancellations than it can have",
  },
  "store.silent": { tell_after_ms: 0, calm_ms: 0, severity: "warning", what: "is silent" },
  "queue.late": {
    ...{ tell_after_ms: 0, calm_ms: 2 * MINUTE_MS },
    severity: "critical",
    what: "Cancellations wait for too long",
  },
  "cloud.lost": {
    // The first attempt that fails shuts the gate, and the next one may open it again.
    ...{ tell_after_ms: 15 * SECOND_MS, calm_ms: MINUTE_MS },
    severity: "critical",
    what: "The printer cloud does not take orders",
  },
  // A backup or a copy that runs keeps an erasure waiting for some minutes, and is nobody's matter.
  "erasure.undone": {
    ...{ tell_after_ms: 15 * MINUTE_MS, calm_ms: 0 },
    severity: "warning",
    what: "A buyer's data is not erased yet",
  },
  "ledger.failed": {
    ...{ tell_after_ms: 0, calm_ms: 0 },
    severity: "critical",
    what: "The ledger has trouble",
  },
  // What is gone is gone: somebody looks after it, and closes nothing.
  "ledger.lost": {
    ...{ tell_after_ms: 0, calm_ms: 0 },
    severity: "critical",
    what: "The database has lost what it had committed",
  },
  "clock.skewed": {
    ...{ tell_after_ms: 0, calm_ms: 10 * MINUTE_MS },
    severity: "warning",
    what: "This machine's clock and the cloud's differ",
  },
  "alerts.unsent": {
    // There is nowhere to tell it: the dashboard shows it.
    ...{ tell_after_ms: null, calm_ms: 0 },
    severity: "warning",
    what: "Alerts do not arrive at RELAY_ALERT_URL",
  },
} as const satisfies Record<string, AlertKind>;

export interface AlertKind {
  severity: AlertSeverity;
  what: string;
  /** Not told if it is closed within this time; null: never told. */
  tell_after_ms: number | null;
  /** Its end is told only when it has not come back for so long; when it has, it was open all the time. */
  calm_ms: number;
}

export type AlertType = keyof typeof ALERT_KINDS;
export const ALERT_TYPES = Object.keys(ALERT_KINDS) as AlertType[];

export const ALERT_SEVERITIES = ["critical", "warning"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export const ALERT_STATES = ["open", "closed"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What a delivery's `attention` is told as. */
export const ALERT_OF_ATTENTION = {
  repeat_limit: "delivery.held",
  unconfirmed: "delivery.unconfirmed",
  dead: "delivery.dead",
  verify_failing: "delivery.unverified",
  rejected: "delivery.rejected",
} as const satisfies Record<Attention, AlertType>;

/** One matter as it stands in the ledger. Never a secret, never a buyer's data. */
export interface Alert {
  /** Sorts by the order of raising. */
  id: string;
  type: AlertType;
  severity: AlertSeverity;
  state: AlertState;
  /** What it is about: no two open alerts have the same. */
  matter: string;
  /** The delivery or webhook it is about; null for one that stands for many, or for the relay itself. */
  delivery_id: string | null;
  webhook_id: string | null;
  order_id: string | null;
  order_name: string | null;
  store: string | null;
  printer: string | null;
  /** Why, in one line: the cloud's own words where it has said any. */
  reason: string;
  /** In plain words and one line, fit to be shown. */
  text: string;
  /** Above 1: there were so many of this type at once that they stand together in this one. */
  count: number;
  /** Whether it stands for those of its type that were too many to stand alone. */
  gathered: boolean;
  raised_at: UnixMs;
  /** When a message about it was last written; null: nobody was told. */
  told_at: UnixMs | null;
  closed_at: UnixMs | null;
  /** What ended it; null while it is open. */
  ended: string | null;
}

export type AlertFacts = Pick<
  Alert,
  | "type"
  | "matter"
  | "delivery_id"
  | "webhook_id"
  | "order_id"
  | "order_name"
  | "store"
  | "printer"
  | "reason"
>;

/** Past so many of one type raised within so long, or open at once, further ones stand together in one. */
export const GATHER_AFTER = 10;
export const GATHER_WITHIN_MS = 10 * MINUTE_MS;
export const OPEN_OF_TYPE_MAX = 50;
/** But of each store so many stand alone: who floods with its own hides nobody else's. */
export const ALONE_OF_STORE = 3;
/** Of one type in all: what befalls hundreds of stores at once is one trouble. */
export const ALONE_OF_TYPE_MAX = 200;
/** One that stands for many is told when there was time for the many to come. */
export const GATHERED_TOLD_AFTER_MS = MINUTE_MS;
/** Of stores and printers nobody keeps a list: such a gathered one ends when for so long no further came. */
export const GATHERED_QUIET_MS = 60 * MINUTE_MS;
/** A matter of one order is of no use to anybody after this: it is closed and repeated no more. */
export const OPEN_MS_MAX = 3 * 24 * 60 * MINUTE_MS;

/** While it stays open it is told again after these; the last one repeats. */
export const REPEAT_AFTER_MS: readonly number[] = [1, 2, 4, 8, 24].map((hours) => hours * 60 * MINUTE_MS);

/**
 * Between the tries of one message, Standard Webhooks' own table; after the last one it is given up.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md "Deliverability"
 */
export const ALERT_RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  ...[5, 30].map((minutes) => minutes * MINUTE_MS),
  ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 60 * MINUTE_MS),
];
/** A `Retry-After` beyond this is held to be a mistake. */
export const ALERT_RETRY_AFTER_MS_MAX = 24 * 60 * MINUTE_MS;

export const MESSAGE_OUTCOMES = ["sent", "given_up", "gone", "superseded"] as const;
export type MessageOutcome = (typeof MESSAGE_OUTCOMES)[number];

/** The matter of those of a type that are too many to stand alone. */
export function gatheredMatter(type: AlertType): string {
  return `${type} *`;
}

/** @returns the alert in plain words, without a link */
export function alertText(alert: AlertFacts & { count: number; gathered: boolean }): string {
  const { type, store, printer } = alert;
  const { reprint, rest } = reprintIn(alert.reason);
  // What the type says already.
  const reason = type === "delivery.rejected" && rest === REFUSED ? "" : rest;
  const what: string = ALERT_KINDS[type].what;
  if (alert.gathered) return `${alert.count} more of ${type} (${what}): too many to be told one by one`;
  if (type.startsWith("delivery.")) {
    const order = `${alert.order_name ?? alert.order_id ?? "?"} ${reprint}`.trim();
    const told = `Order ${order} (${store ?? "test"} → ${printer ?? "?"}): ${what}`;
    return reason === "" ? told : `${told}. ${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  }
  switch (type) {
    case "webhook.quarantined":
      return sentence(`A webhook of ${store ?? "?"} ${what}`, reason);
    case "webhook.refused":
      return sentence(`Webhooks of ${store ?? "?"} ${what}`, reason);
    case "subscription.gone":
    case "api.refused":
    case "api.lost":
    case "api.stranger":
    case "store.unreconciled":
    case "store.flooding":
    case "store.silent":
      return sentence(`Store ${store ?? "?"} ${what}`, reason);
    case "cloud.lost":
      return sentence(printer === null ? what : `${what} for printer ${printer}`, reason);
    default:
      return sentence(what, reason);
  }
}

function sentence(what: string, reason: string): string {
  return reason === "" ? what : `${what}: ${reason}`;
}

/** Where on the relay a person sees what an alert is about; beginning with a slash. */
export function alertPath({ delivery_id, webhook_id, store, type }: Alert): string {
  if (delivery_id !== null) return `/deliveries/${delivery_id}`;
  if (webhook_id !== null) return `/webhooks/${webhook_id}`;
  if (store !== null) return `/stores/${store}`;
  return LISTS[type] ?? "/";
}

/** Where those stand that are too many to stand alone. */
const LISTS: Partial<Record<AlertType, string>> = {
  "delivery.dead": "/deliveries?state=dead",
  "delivery.held": "/deliveries?state=pending",
  "delivery.unconfirmed": "/deliveries?state=accepted",
  "delivery.rejected": "/deliveries?state=rejected",
  "delivery.unverified": "/deliveries?state=verifying",
  "webhook.quarantined": "/webhooks?status=quarantined",
  "queue.late": "/deliveries?state=pending",
};

/** `3 min`, `2 h 5 min`, `4 days`: how long something lasted, for a person. */
export function lasted(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 1) return `${Math.max(1, Math.round(ms / SECOND_MS))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}
