import type { Delivery, Transition } from "../../core/delivery.ts";
import { ERROR_CODES, RelayError, type ErrorCode } from "../../core/errors.ts";
import type { Change, Ledger } from "../ledger.ts";

/**
 * What goes between a ledger in a thread of its own and those who use it: JSON text, and beside it a webhook's body as
 * it came. A text is copied many times quicker than objects with many fields are.
 */

/** Methods whose arguments and results are plain data, but for the body of a webhook. */
export const PLAIN_METHODS = [
  "enqueue",
  "reenqueue",
  "add",
  "findAct",
  "claim",
  "nextDueAt",
  "release",
  "held",
  "overdue",
  "waitingBeyond",
  "setClockBack",
  "abandoned",
  "takeUpRestored",
  "prune",
  "prunedAt",
  "beginErasure",
  "eraseBatch",
  "nextErasure",
  "listErasures",
  "readDelivery",
  "findDelivery",
  "listAttempts",
  "listDeliveries",
  "searchDeliveries",
  "findWebhook",
  "listWebhooks",
  "searchWebhooks",
  "counts",
  "raiseAlert",
  "closeAlert",
  "listAlerts",
  "alertsDue",
  "tellAlerts",
  "recordMessage",
  "sweepAlerts",
  "rhythmOf",
  "storeWatches",
  "recordWatch",
  "knownOrders",
  "isQuarantined",
  "vitals",
  "pastSteps",
  "settings",
  "apply",
  "edit",
  "changedAt",
  "keyUses",
  "reseal",
  "endSession",
  "endedSessions",
  "beat",
  "leaveService",
  "time",
  "newerSchema",
  "unsafeSettings",
  "services",
  "handBack",
  "outages",
  "beginOutage",
  "endOutage",
  "ping",
  "close",
] as const satisfies readonly (keyof Ledger)[];
export type PlainMethod = (typeof PLAIN_METHODS)[number];

/**
 * What operators look for, of any size and as often as they like. No webhook, slip or callback waits for one of these, so
 * each of these waits for its turn.
 */
const LOOKS: ReadonlySet<Call["method"]> = new Set<PlainMethod>([
  "findDelivery",
  "listAttempts",
  "listDeliveries",
  "searchDeliveries",
  "findWebhook",
  "listWebhooks",
  "searchWebhooks",
  "counts",
  "listAlerts",
  "listErasures",
]);
export function isLook(method: Call["method"]): boolean {
  return LOOKS.has(method);
}

export interface Call {
  number: number;
  method: PlainMethod | "changeIf" | "watch";
  /** Of the arguments, as a list. */
  json: string;
  /** Of the webhook in the first argument, which goes without it. */
  body: Uint8Array | null;
}

export type Reply =
  | {
      number: number;
      /** Of the result; undefined: there is none. */
      json: string | undefined;
      /** Of the webhook that is the result, which comes without it. */
      body: Uint8Array | null;
    }
  | { number: number; error: WireError };

export type ToLedger = Call[];
export type FromLedger = Reply[] | "foreign write";

/**
 * `Change` over the wire: its `decide` stays where it was called. It was decided on this row, and is written only if
 * the row is still so.
 */
export interface DecidedChange extends Omit<Change, "decide" | "seen"> {
  seen: DeliveryWithoutTicket;
  transition: Transition | null;
}

/** Tickets are large, and none need be compared (`fingerprintOf` says why). */
export type DeliveryWithoutTicket = Omit<Delivery, "ticket"> & { ticket?: undefined };

/** A row that is not what the transition makes of it comes back: of a delivery that is forgotten less is kept. */
export type ChangeAnswer = "written" | { written: Delivery } | { stale: Delivery };

interface WireError {
  code: ErrorCode | null;
  message: string;
  stack: string | undefined;
}

export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { code: null, message: "no Error was thrown", stack: undefined };
  const { message, stack } = error;
  return { code: error instanceof RelayError ? error.code : null, message, stack };
}

export function fromWire({ code, message, stack }: WireError): Error {
  const known = ERROR_CODES.find((candidate) => candidate === code);
  const error = known === undefined ? new Error(message) : new RelayError(known, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Over a channel a `Buffer` arrives as a plain `Uint8Array`. */
export function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
