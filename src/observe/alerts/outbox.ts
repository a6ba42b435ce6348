import { ALERT_RETRY_DELAYS_MS, type Alert, type AlertType } from "../../core/alert.ts";
import { JITTER_MAX, type Chance } from "../../core/backoff.ts";
import { withoutBuyer } from "../../core/buyer.ts";
import type { PrinterSettings } from "../../core/settings.ts";
import type { SlipMarks, Ticket } from "../../core/ticket.ts";
import { MINUTE_MS, type Clock, type UnixMs } from "../../core/time.ts";
import type { AlertMessage, MessageTry } from "../../ledger/alert-ledger.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { groupsOf, kindOf, messageBody, type Group } from "./message.ts";
import type { AlertSender, SendResult } from "./sender.ts";

export interface OutboxDeps {
  ledger: Pick<Ledger, "alertsDue" | "tellAlerts" | "recordMessage">;
  sender: AlertSender;
  clock: Clock;
  chance: Chance;
  makeId: () => string;
  /** Base of the links. */
  publicUrl: string;
  /** All it takes to draw a delivery's slip. */
  slipOf: (deliveryId: string) => Promise<{ ticket: Ticket; marks: SlipMarks; printer: PrinterSettings }>;
  /** As text. */
  draw: (ticket: Ticket, marks: SlipMarks, printer: PrinterSettings) => string;
  onFailure: (detail: string) => void;
  onLedgerFailure: (error: unknown) => void;
}

/** Writes messages about what is to be told into the ledger, and sends what stands there. */
export interface Outbox {
  /** Writes what is to be told, and begins to send: nobody waits for an address that hangs. */
  work(): Promise<void>;
  /** What the tries since the last call have shown; null: nothing worth knowing. */
  arrival(): Arrival | null;
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>;
}

export interface Arrival {
  arrives: boolean;
  detail: string;
}

/** Of each in one look: more than can be open, so that what waits for its hour keeps nothing new back. */
const ROWS_MAX = 1000;
const REPEAT_EVERY_MS = 60 * MINUTE_MS;
const SENDS_AT_ONCE = 4;
/** Tries in vain after which somebody should know. */
const TRIES_WORRYING = 3;

export function createOutbox(deps: OutboxDeps): Outbox {
  const { ledger, sender, clock } = deps;
  let isGone = false;
  let stopped = false;
  let sending: Promise<unknown> | null = null;
  let shown: Arrival | null = null;
  const repeatedAt = new Map<AlertType, UnixMs>();

  /** Of each type once an hour: what came due meanwhile waits for it, and is told with it. */
  function isTooSoon(group: Group, now: UnixMs): boolean {
    const [alert] = group;
    if (kindOf(alert) !== "repeated") return false;
    const last = repeatedAt.get(alert.type) ?? -Infinity;
    if (now >= last && now - last < REPEAT_EVERY_MS) return true;
    repeatedAt.set(alert.type, now);
    return false;
  }

  async function tell(alerts: readonly Alert[], now: UnixMs): Promise<void> {
    for (const group of groupsOf(alerts)) {
      if (isTooSoon(group, now)) continue;
      const [{ delivery_id }] = group;
      const slip = group.length === 1 && delivery_id !== null ? await slipOf(deps, delivery_id) : null;
      const body = JSON.stringify(messageBody(group, slip, deps.publicUrl, now));
      await ledger.tellAlerts(group, { id: `msg_${deps.makeId()}`, body }, now);
    }
  }

  async function sendOne(message: AlertMessage): Promise<void> {
    if (stopped) return;
    const result: SendResult = isGone
      ? { kind: "gone", detail: "the alert address has answered 410 Gone: it wants no more" }
      : await sender.send(message);
    isGone ||= result.kind === "gone";
    const tried = triedOf(result, message.tries, clock.now(), deps.chance);
    await ledger.recordMessage(message.id, tried);
    if (result.kind === "sent") {
      shown = { arrives: true, detail: "" };
      return;
    }
    deps.onFailure(result.detail);
    const isWorrying = tried.outcome !== null || message.tries + 1 >= TRIES_WORRYING;
    if (isWorrying) shown = { arrives: false, detail: result.detail };
  }

  return {
    async work() {
      const now = clock.now();
      await tell((await ledger.alertsDue(now, ROWS_MAX)).to_tell, now);
      if (sending !== null || stopped) return;
      const { messages } = await ledger.alertsDue(clock.now(), ROWS_MAX);
      sending = forEach(messages, sendOne, deps.onLedgerFailure).finally(() => {
        sending = null;
      });
    },
    arrival() {
      const latest = shown;
      shown = null;
      return latest;
    },
    async stop() {
      stopped = true;
      sender.close();
      await sending;
    },
  };
}

/** Ends, never failing, when nothing is under way any more. After a failure no further one is begun. */
async function forEach<T>(
  items: readonly T[],
  task: (item: T) => Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  const rest = [...items];
  const lane = async (): Promise<void> => {
    try {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) await task(next);
    } catch (error) {
      rest.length = 0;
      onFailure(error);
    }
  };
  await Promise.all(Array.from({ length: SENDS_AT_ONCE }, lane));
}

/** For whoever reads alerts, who may be anybody: with nothing of the buyer. Whatever is wrong with it, the alert goes out. */
async function slipOf({ slipOf, draw }: OutboxDeps, deliveryId: string): Promise<string | null> {
  try {
    const { ticket, marks, printer } = await slipOf(deliveryId);
    return draw(withoutBuyer(ticket), marks, { ...printer, customer: "none" });
  } catch {
    return null;
  }
}

/** @param tries before this one */
export function triedOf(result: SendResult, tries: number, at: UnixMs, chance: Chance): MessageTry {
  if (result.kind === "sent") return { at, error: null, next_try_at: null, outcome: "sent" };
  const error = result.detail;
  if (result.kind === "gone") return { at, error, next_try_at: null, outcome: "gone" };
  const delay = ALERT_RETRY_DELAYS_MS[tries];
  if (delay === undefined) return { at, error, next_try_at: null, outcome: "given_up" };
  const jittered = Math.ceil(delay * (1 + JITTER_MAX * chance()));
  return { at, error, next_try_at: at + Math.max(jittered, result.retry_after_ms ?? 0), outcome: null };
}
