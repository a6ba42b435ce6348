import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { StoreSettings } from "../core/settings.ts";
import { MINUTE_MS, SECOND_MS, toRfc3339, type UnixMs } from "../core/time.ts";
import type { ApiFailure } from "../platforms/store-api.ts";
import type { Reading } from "../platforms/platform.ts";
import type { RelayDeps } from "../relay.ts";
import { askable, healthOf, refusal, watchOf, type Askable } from "./asking.ts";
import { fetchedEntry, keep } from "./keep.ts";
import type { ReconcileResult, StoreActs } from "./store-acts.ts";

/**
 * A run looks so far behind where the last one ended: a store's list lags behind its orders, and its clock may be some
 * minutes off. What is found twice is known the second time.
 */
export const OVERLAP_MS = 60 * MINUTE_MS;
/** A store that goes on giving pages after so many gives the same ones. */
const PAGES_MAX = 1000;

/** One run's question: which orders, and what counts as history. */
interface Span {
  /** Changed since. */
  from: UnixMs;
  /** What was cancelled before is history, and is not printed. */
  floor: UnixMs;
}

export async function reconcile(
  deps: RelayDeps,
  name: string,
  by: string,
  { since }: NonNullable<Parameters<StoreActs["reconcile"]>[2]> = {},
): Promise<ReconcileResult> {
  const asked = askable(deps, name);
  const startedAt = deps.clock.now();
  const watch = await watchOf(deps, name);
  // A mark of a clock that was set back since lies ahead, and would hide all that is cancelled until then.
  const done = Math.min(watch.reconciled_to ?? watch.since, startedAt);
  const span =
    since === undefined ? { from: done - OVERLAP_MS, floor: watch.since } : { from: since, floor: since };
  const result: ReconcileResult = {
    ...{
      store: name,
      since: span.from,
      listed: 0,
      known: 0,
      found: 0,
      before: 0,
      ignored: 0,
      quarantined: 0,
    },
    deliveries: [],
  };
  const failure = await walk(deps, asked, span, result, by);
  const reconciled_at = deps.clock.now();
  // A run that began after the mark has not seen what lies between.
  const reaches = failure === null && span.from <= done;
  await deps.ledger.recordWatch(name, {
    ...{ reconciled_at, reconcile_error: failure?.detail ?? null, found: result.found },
    ...(reaches && { reconciled_to: startedAt }),
  });
  const { listed, known, found, quarantined } = result;
  deps.emit({
    ...{ event: "store.reconciled", store: name, since: toRfc3339(span.from) },
    ...{ listed, known, found, quarantined, detail: failure?.detail ?? "", by },
    duration_ms: reconciled_at - startedAt,
    api: failure === null ? "answered" : healthOf(failure),
  });
  if (failure !== null) throw refusal(failure);
  return result;
}

/** Page by page, each kept before the next is asked for. @returns why it ended early */
async function walk(
  deps: RelayDeps,
  { store, api }: Askable,
  span: Span,
  result: ReconcileResult,
  by: string,
): Promise<ApiFailure | null> {
  const seen = new Set<string | null>();
  let cursor: string | null = null;
  let before: readonly Buffer[] = [];
  do {
    if (seen.has(cursor) || seen.size === PAGES_MAX) return endless(store.name);
    seen.add(cursor);
    const page = await api.listCancelled(store, { since: span.from, cursor });
    if (page.kind === "failed") return page;
    const { orders, next } = page.value;
    if (isSame(orders, before)) return endless(store.name);
    before = orders;
    await takePage(deps, { store, api }, orders, span, result, by);
    cursor = next;
  } while (cursor !== null);
  return null;
}

/** A store that knows no pages gives the same one for every number. */
function isSame(orders: readonly Buffer[], before: readonly Buffer[]): boolean {
  return orders.length > 0 && isDeepStrictEqual(orders, before);
}

function endless(store: string): ApiFailure {
  const detail = `the API of store ${store} gives the same pages again and again: its list of cancelled orders does not end`;
  return { kind: "failed", why: "nonsense", detail, http_status: null, retry_after_ms: null };
}

async function takePage(
  deps: RelayDeps,
  { store }: Askable,
  orders: readonly Buffer[],
  { floor }: Span,
  result: ReconcileResult,
  by: string,
): Promise<void> {
  const platform = deps.platforms[store.platform];
  const wanted: Read<"cancellation">[] = [];
  for (const body of orders) {
    result.listed++;
    const reading = platform.read(body, store);
    // Most stores tell a cancellation's time to the second.
    const floorS = Math.floor(floor / SECOND_MS) * SECOND_MS;
    if (reading.kind === "ignored") result.ignored++;
    else if (reading.kind !== "cancellation") await quarantine(deps, store, body, result, by);
    else if ((reading.cancellation.cancelled_at ?? Infinity) < floorS) result.before++;
    else wanted.push({ body, reading });
  }
  const ids = wanted.map(({ reading }) => reading.cancellation.order_id);
  const known = new Set(await deps.ledger.knownOrders(store.name, ids));
  const missed = wanted.filter(({ reading }) => !known.has(reading.cancellation.order_id));
  result.known += wanted.length - missed.length;
  // The kitchen reads them in the order in which they were cancelled.
  missed.sort(
    (a, b) => (a.reading.cancellation.cancelled_at ?? 0) - (b.reading.cancellation.cancelled_at ?? 0),
  );
  const entries = missed.map(({ body }) => fetchedEntry(deps, store, body, "reconcile"));
  const printable = entries.filter(({ delivery }) => delivery !== null);
  result.ignored += entries.length - printable.length;
  // Together: they share the ledger's commits.
  const receipts = await Promise.all(printable.map((entry) => keep(deps, entry, "reconcile", by)));
  for (const { status, delivery_id } of receipts) {
    if (status !== "accepted" || delivery_id === null) {
      result.known++;
      continue;
    }
    result.found++;
    result.deliveries.push(delivery_id);
  }
}

interface Read<Kind extends Reading["kind"]> {
  body: Buffer;
  reading: Extract<Reading, { kind: Kind }>;
}

/** Once: the next run finds it again. */
async function quarantine(
  deps: RelayDeps,
  store: StoreSettings,
  body: Buffer,
  result: ReconcileResult,
  by: string,
): Promise<void> {
  const label = `reconcile-${createHash("sha256").update(body).digest("hex").slice(0, LABEL_CHARS)}`;
  if (await deps.ledger.isQuarantined(store.name, label)) return;
  await keep(deps, fetchedEntry(deps, store, body, "reconcile", { label }), "reconcile", by);
  result.quarantined++;
}
const LABEL_CHARS = 32;
