import type { Alert, AlertFacts, AlertState, AlertType, MessageOutcome } from "../core/alert.ts";
import type { UnixMs } from "../core/time.ts";

/** A matter that no change of a delivery or webhook raises. */
export interface NewAlert extends AlertFacts {
  raised_at: UnixMs;
  /** Given: it was told already, from memory, when the ledger could not be written. */
  told_at?: UnixMs;
}

export interface AlertFilter {
  state?: AlertState;
  type?: AlertType;
  /** The last id of the page before. */
  before?: string;
  limit: number;
}

/** What is to go out: the same id and body at every try. */
export interface NewAlertMessage {
  /** The `webhook-id` of every try. */
  id: string;
  /** JSON text, as Standard Webhooks' receivers get it. */
  body: string;
}

export interface AlertMessage extends NewAlertMessage {
  /** Tries so far, all in vain. */
  tries: number;
}

/** What there is to do about alerts now. */
export interface AlertsDue {
  /** Open ones to be told (again), closed ones whose end is to be told. None while too many messages wait. */
  to_tell: Alert[];
  messages: AlertMessage[];
}

/** How a message's try ended: on its way still, at `next_try_at`, or done with. */
export type MessageTry = { at: UnixMs; error: string | null } & (
  | { next_try_at: UnixMs; outcome: null }
  | { next_try_at: null; outcome: Exclude<MessageOutcome, "superseded"> }
);

/** What one store has sent lately: the stuff of its habit (src/core/habit.ts). */
export interface Rhythm {
  /** Webhooks since the first mark, counted up to the limit that was asked for. */
  webhooks: number;
  last_at: UnixMs | null;
  /** The silence around each mark, from the webhook before it to the one after it; each silence once. */
  silences: { from: UnixMs; until: UnixMs }[];
}

/**
 * The part of a `Ledger` that knows what needs a person, and what was told about it. Alerts of deliveries and webhooks
 * are raised and closed by the change that is their cause, in its transaction: `attention` that is set or cleared, a
 * webhook that is quarantined or understood, a reprint that is printed.
 */
export interface AlertLedger {
  /**
   * Raises a matter, or returns it as it stands when it is open. One that was closed and whose end is not told yet is
   * open again. Of too many of one type further ones are counted in one, which is returned then.
   */
  raiseAlert(alert: NewAlert): Promise<Alert>;
  /** @returns the alert, closed now; null: none was open */
  closeAlert(matter: string, what: { at: UnixMs; ended: string }): Promise<Alert | null>;
  /** Newest first. */
  listAlerts(filter: AlertFilter): Promise<Alert[]>;
  /** @param limit of each */
  alertsDue(now: UnixMs, limit: number): Promise<AlertsDue>;
  /**
   * Writes down one message about these alerts, and when each is to be told again. Of a closed one the message that
   * is still on its way is taken back: its end tells all.
   * @param seen as they were when the message was written; one that has been closed, opened or told since is left out
   * @returns false when none was left, or too many messages wait: then nothing is written
   */
  tellAlerts(
    seen: readonly Pick<Alert, "id" | "closed_at" | "told_at">[],
    message: NewAlertMessage,
    now: UnixMs,
  ): Promise<boolean>;
  recordMessage(id: string, tried: MessageTry): Promise<void>;
  /**
   * Closes what nobody's change closes: one that stands for many when none of them is left, and one of an order when
   * it is too old to be of use. @returns how many
   */
  sweepAlerts(now: UnixMs): Promise<number>;
  /** @param marks oldest first @param limit up to where webhooks are counted */
  rhythmOf(store: string, marks: readonly UnixMs[], limit: number): Promise<Rhythm>;
}
