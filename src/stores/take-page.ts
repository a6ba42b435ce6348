import { createHash } from "node:crypto";
import type { StoreSettings } from "../core/settings.ts";
import { SECOND_MS, type UnixMs } from "../core/time.ts";
import type { InboundEntry } from "../ledger/ledger.ts";
import type { Reading } from "../platforms/platform.ts";
import type { RelayDeps } from "../relay-deps.ts";
import { fetchedEntry, keep } from "./keep.ts";
import type { ReconcileResult } from "./store-acts.ts";

/**
 * Cancellations that one run brings to paper. More were missed by no shop that was ever away; a store's API gone bad
 * invents as many as it likes, and the printer may be shared.
 */
const FOUND_MAX = 200;
/** Orders that one run keeps though they cannot be understood: enough to see what is wrong. */
const QUARANTINED_MAX = 20;

/** One run as its pages need it. */
export interface Run {
  deps: RelayDeps;
  store: StoreSettings;
  /** What was cancelled before is history, and is not printed. */
  floor: UnixMs;
  /** By how much the store's clock, by which it tells times, is behind ours. */
  behindMs: number;
  /** The store lists orders of another shop: it was given that one's address and token. */
  isOtherShops: boolean;
  by: string;
  /** Counted up page by page. */
  result: ReconcileResult;
}

/** What a page held more of than the run takes; it is there still when the next run comes. */
export type Surplus = "found" | "rubbish" | null;

/** Keeps what one page of the store's list has and the ledger has not. */
export async function takePage(run: Run, orders: readonly Buffer[]): Promise<Surplus> {
  const { deps, result, by } = run;
  const missed: Wanted[] = [];
  let surplus: Surplus = null;
  for (const some of inPieces(orders)) {
    const { wanted, isRubbish } = await sortOut(run, some);
    if (isRubbish) surplus = "rubbish";
    // Whoever else waits for the relay has a turn meanwhile: the ledger is asked in its own thread.
    missed.push(...(await unknownOf(run, wanted)));
  }
  // The kitchen reads them in the order in which they were cancelled.
  missed.sort(
    (a, b) => (a.reading.cancellation.cancelled_at ?? 0) - (b.reading.cancellation.cancelled_at ?? 0),
  );
  const { entries, isCut } = entriesOf(run, missed);
  // Together: they share the ledger's commits.
  const receipts = await Promise.all(entries.map((entry) => keep(deps, entry, "reconcile", by)));
  for (const { status, delivery_id } of receipts) {
    if (status !== "accepted" || delivery_id === null) {
      result.known++;
      continue;
    }
    result.found++;
    result.deliveries.push(delivery_id);
  }
  return isCut ? "found" : surplus;
}

const PIECE_ORDERS = 50;
const PIECE_BYTES = 256 * 1024;

/** So few at a time that reading them keeps no webhook waiting. */
function* inPieces(orders: readonly Buffer[]): Generator<Buffer[]> {
  let piece: Buffer[] = [];
  let bytes = 0;
  for (const order of orders) {
    piece.push(order);
    bytes += order.length;
    if (piece.length < PIECE_ORDERS && bytes < PIECE_BYTES) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  yield piece;
}

interface Wanted {
  body: Buffer;
  reading: Extract<Reading, { kind: "cancellation" }>;
}

/** @returns what is cancelled and no history; and whether there was more rubbish than is kept */
async function sortOut(
  run: Run,
  orders: readonly Buffer[],
): Promise<{ wanted: Wanted[]; isRubbish: boolean }> {
  const { deps, store, result, floor, behindMs } = run;
  const platform = deps.platforms[store.platform];
  // Most stores tell a cancellation's time to the second.
  const floorS = Math.floor((floor - behindMs) / SECOND_MS) * SECOND_MS;
  const wanted: Wanted[] = [];
  let isRubbish = false;
  for (const body of orders) {
    result.listed++;
    if (platform.verifyShop({ headers: {}, body }, store) !== null) {
      run.isOtherShops = true;
      continue;
    }
    const reading = platform.read(body, store);
    if (reading.kind === "ignored") result.ignored++;
    else if (reading.kind !== "cancellation") {
      if (!(await quarantine(run, body))) isRubbish = true;
    } else if ((reading.cancellation.cancelled_at ?? Infinity) < floorS) result.before++;
    else wanted.push({ body, reading });
  }
  return { wanted, isRubbish };
}

async function unknownOf({ deps, store, result }: Run, wanted: readonly Wanted[]): Promise<Wanted[]> {
  const ids = wanted.map(({ reading }) => reading.cancellation.order_id);
  const known = new Set(await deps.ledger.knownOrders(store.name, ids));
  const unknown = wanted.filter(({ reading }) => !known.has(reading.cancellation.order_id));
  result.known += wanted.length - unknown.length;
  return unknown;
}

/** @returns what is to be printed, and whether that is not all */
function entriesOf(
  { deps, store, result }: Run,
  missed: readonly Wanted[],
): { entries: InboundEntry[]; isCut: boolean } {
  const entries: InboundEntry[] = [];
  for (const { body } of missed) {
    if (entries.length === FOUND_MAX - result.found) return { entries, isCut: true };
    const entry = fetchedEntry(deps, store, body, "reconcile");
    if (entry.delivery === null) result.ignored++;
    else entries.push(entry);
  }
  return { entries, isCut: false };
}

/** Once: the next run finds it again. @returns false when the run has kept as many as it may */
async function quarantine({ deps, store, result, by }: Run, body: Buffer): Promise<boolean> {
  if (result.quarantined >= QUARANTINED_MAX) return false;
  const label = `reconcile-${createHash("sha256").update(body).digest("hex").slice(0, LABEL_CHARS)}`;
  if (await deps.ledger.isQuarantined(store.name, label)) return true;
  await keep(deps, fetchedEntry(deps, store, body, "reconcile", { label }), "reconcile", by);
  result.quarantined++;
  return true;
}
const LABEL_CHARS = 32;
