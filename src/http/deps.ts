import type { PrinterSettings, Settings, StoreSettings } from "../core/settings.ts";
import type { SlipMarks, Ticket } from "../core/ticket.ts";
import type { Clock } from "../core/time.ts";
import type { PrintOrder } from "../goodcom/api.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { EndedSession } from "../ledger/session-ledger.ts";
import type { Changes } from "../observe/changes.ts";
import type { DayFigures } from "../observe/day.ts";
import type { Emit } from "../observe/events.ts";
import type { Relay } from "../relay.ts";
import type { ReadCallback } from "./callback-routes.ts";
import type { HttpLimits } from "./limits.ts";

/** Everything the HTTP side needs from outside, handed in by app.ts. */
export interface HttpDeps {
  relay: Pick<
    Relay,
    | "receive"
    | "confirm"
    | "redrive"
    | "reprint"
    | "replay"
    | "testSlip"
    | "slipOf"
    | "changeSettings"
    | "sendTest"
    | "subscribe"
    | "reconcile"
    | "lookUp"
    | "cancelOrder"
  >;
  ledger: Pick<
    Ledger,
    | "findDelivery"
    | "readDelivery"
    | "listAttempts"
    | "listDeliveries"
    | "searchDeliveries"
    | "findWebhook"
    | "listWebhooks"
    | "listAlerts"
    | "counts"
    | "storeWatches"
    | "changedAt"
    | "endSession"
    | "endedSessions"
    | "ping"
  >;
  emit: Emit;
  clock: Clock;
  /** The Prometheus text of `/metrics`. */
  metrics: () => Promise<{ contentType: string; text: string }>;
  /** What the dashboard's open pages follow. */
  changes: Pick<Changes, "subscribe">;
  /** What happened in the last 24 hours, from memory. */
  lastDay: () => DayFigures;
  /** The current settings, from memory: asked on every page. */
  settings: () => Settings;
  draw: {
    svg(ticket: Ticket, marks: SlipMarks, printer: PrinterSettings): Promise<string>;
    text(ticket: Ticket, marks: SlipMarks, printer: PrinterSettings): string;
  };
  compose: (ticket: Ticket, marks: SlipMarks, printer: PrinterSettings) => PrintOrder;
  readCallback: ReadCallback;
  /** Whether a callback's address is one that was given out: the delivery may be gone since. */
  isCallbackToken: (deliveryId: string, token: string) => boolean;
  /** Base of the printer cloud, for the curl line an operator may copy. */
  goodcom_url: string;
  /** SHA-256 in hex: the only form in which path tokens are kept. */
  hashToken: (token: string) => string;
  admin_token: string;
  viewer_token: string | null;
  /** Signs the dashboard's session cookies; 32 bytes. */
  session_key: Buffer;
  /** Sessions that had been signed out before this process began. */
  ended_sessions: readonly EndedSession[];
  /** Calls back when another relay may have signed somebody out; null: no other relay works on this ledger. */
  onForeignWrite: ((listener: () => void) => () => void) | null;
  /** Without a slash at its end. */
  public_url: string;
  /** Why this store cannot call the relay at `public_url`, so that it is not subscribed; null: it can. */
  unreachable(store: Pick<StoreSettings, "api">): string | null;
  /** How many proxies in front set X-Forwarded-For. */
  trust_proxy: number;
  version: string;
  limits?: Partial<HttpLimits>;
}
