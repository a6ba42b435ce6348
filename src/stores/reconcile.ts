import { createHash } from "node:crypto";
import { DAY_MS, MINUTE_MS, SECOND_MS, toRfc3339, type UnixMs } from "../core/time.ts";
import type { StoreWatch } from "../ledger/store-watch.ts";
import type { ApiFailure } from "../platforms/store-api.ts";
import type { RelayDeps } from "../relay-deps.ts";
import { askable, healthOf, ownWords, refusal, watchOf } from "./asking.ts";
import type { ReconcileOptions, ReconcileResult } from "./store-acts.ts";
import { takePage, type Run, type Surplus } from "./take-page.ts";

/**
 * A run looks so far behind where the last one ended: a store's list lags behind its orders, and its clock may be some
 * minutes off. What is found twice is known the second time.
 */
const OVERLAP_MS = 60 * MINUTE_MS;
/** A store that goes on giving pages after so many, or for so long, does not mean its list to end. */
const PAGES_MAX = 1000;
const RUN_MS_MAX = 30 * MINUTE_MS;
/** No store's pages are as small: what has fewer and is given again has nothing behind it. */
const FEW_ORDERS = 10;

export async function reconcile(
  deps: RelayDeps,
  name: string,
  by: string,
  { since, turn = AT_ONCE }: ReconcileOptions = {},
): Promise<ReconcileResult> {
  const { store } = askable(deps, name);
  if (!(await turn())) throw refusal(STOPPING);
  const startedAt = deps.clock.now();
  const watch = await watchOf(deps, name);
  const done = doneBefore(watch, startedAt);
  const from = since ?? done - OVERLAP_MS;
  const result: ReconcileResult = {
    ...{ store: name, since: from, listed: 0, known: 0, found: 0, before: 0, ignored: 0 },
    ...{ quarantined: 0, deliveries: [] },
  };
  const floor = since ?? Math.min(watch.since, startedAt);
  const run: Run = { deps, store, floor, behindMs: 0, isOtherShops: false, by, result };
  const { failure, surplus } = await walk(run, from, turn);
  const why = failure === null ? null : ownWords(failure);
  const reconciled_at = deps.clock.now();
  // A run that began after the mark has not seen what lies between.
  const reaches = failure === null && from <= done;
  await deps.ledger.recordWatch(name, {
    ...{ reconciled_at, reconcile_error: why, found: result.found },
    ...(reaches && { reconciled_to: startedAt }),
    ...(watch.since > startedAt && { since: startedAt }),
  });
  const { listed, known, found, quarantined } = result;
  deps.emit({
    ...{ event: "store.reconciled", store: name, since: toRfc3339(from) },
    ...{ listed, known, found, quarantined, surplus, detail: why ?? "", by },
    duration_ms: reconciled_at - startedAt,
    api: failure === null ? "answered" : healthOf(failure),
  });
  if (failure !== null) throw refusal(failure);
  return result;
}

/** A mark of a clock that was set back since tells of no run: nobody knows how long the store was not asked. */
function doneBefore({ reconciled_to, since }: StoreWatch, now: UnixMs): UnixMs {
  const mark = reconciled_to ?? since;
  return mark <= now ? mark : now - DAY_MS;
}

const AT_ONCE = (): Promise<boolean> => Promise.resolve(true);

/** Why a run ended early, null: it did not; and of what the store listed more than one run takes. */
interface End {
  failure: ApiFailure | null;
  surplus: Surplus;
}

/** Page by page, each kept before the next is asked for. */
async function walk(run: Run, since: UnixMs, turn: () => Promise<boolean>): Promise<End> {
  const { clock } = run.deps;
  const startedAt = clock.now();
  const ended = (failure: ApiFailure | null, surplus: Surplus = null): End => ({ failure, surplus });
  const seen = new Set<string | null>();
  let cursor: string | null = null;
  let before = "";
  let isRubbish = false;
  do {
    // By the settings of the moment: a store that was taken out meanwhile is let be, and where it prints now counts.
    const { store, api } = askable(run.deps, run.store.name);
    run.store = store;
    if (seen.has(cursor) || seen.size === PAGES_MAX) return ended(endless(store.name));
    if (clock.now() - startedAt > RUN_MS_MAX) return ended(tooLong(store.name, seen.size));
    if (seen.size > 0 && !(await turn())) return ended(STOPPING);
    seen.add(cursor);
    const page = await api.listCancelled(store, { since, cursor });
    if (page.kind === "failed") return ended(page);
    const { orders, next, told_at, begins = false } = page.value;
    run.behindMs = behindMs(clock.now(), told_at ?? null);
    // A store that knows no pages gives the same one for every number; one of so few orders is the whole list.
    const mark = orders.length < FEW_ORDERS ? idsOf(run, orders) : digestOf(orders);
    if (orders.length > 0 && mark === before && !begins) {
      if (orders.length >= FEW_ORDERS) return ended(endless(store.name));
      break;
    }
    before = mark;
    const surplus = await takePage(run, orders);
    if (run.isOtherShops) return ended(otherShops(store.name));
    if (surplus === "found") return ended(flooded(run), surplus);
    isRubbish ||= surplus === "rubbish";
    cursor = next;
  } while (cursor !== null);
  return isRubbish ? ended(rubbish(run), "rubbish") : ended(null);
}

/**
 * Without it what is cancelled in the first minutes after a store was added would be of before by the store's own clock,
 * and history. Never more than a run looks back.
 */
function behindMs(now: UnixMs, toldAt: UnixMs | null): number {
  const behind = toldAt === null ? 0 : now - toldAt;
  // An answer takes its time, and tells it in whole seconds.
  return behind < ON_THE_WAY_MS ? 0 : Math.min(behind, OVERLAP_MS);
}
const ON_THE_WAY_MS = 10 * SECOND_MS;

/** What an order tells of itself besides may change from one answer to the next. */
function idsOf({ deps, store }: Run, orders: readonly Buffer[]): string {
  const platform = deps.platforms[store.platform];
  const ids = orders.map((body) => {
    const reading = platform.read(body, store);
    return reading.kind === "cancellation" ? reading.cancellation.order_id : digestOf([body]);
  });
  return JSON.stringify(ids);
}

function digestOf(orders: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const order of orders) hash.update(`${order.length} `).update(order);
  return hash.digest("hex");
}

function failed(why: ApiFailure["why"], detail: string): ApiFailure {
  return { kind: "failed", why, detail, http_status: null, retry_after_ms: null };
}

const STOPPING = failed("unavailable", "the relay is stopping");

function endless(store: string): ApiFailure {
  return failed(
    "nonsense",
    `the API of store ${store} gives pages again and again: its list of cancelled orders does not end`,
  );
}

function otherShops(store: string): ApiFailure {
  return failed(
    "refused",
    `the API of store ${store} lists orders of another shop than its "shop_id", and none of those was taken: are its ` +
      `api.url and api.token those of this shop?`,
  );
}

function tooLong(store: string, pages: number): ApiFailure {
  const minutes = RUN_MS_MAX / MINUTE_MS;
  return failed(
    "unavailable",
    `the API of store ${store} gave ${pages} pages of cancelled orders in ${minutes} minutes and has more: what they ` +
      `held is kept, the next run begins anew; is the store's API slow, or its list very long?`,
  );
}

function flooded({ store, result }: Run): ApiFailure {
  return failed(
    "refused",
    `store ${store.name} lists many more cancellations that no webhook brought: ${result.found} were taken now and print, ` +
      `the next run takes as many; if the store never cancelled them, take its "api" out of its settings`,
  );
}

function rubbish({ store, result }: Run): ApiFailure {
  return failed(
    "nonsense",
    `store ${store.name} lists many orders that cannot be understood: ${result.quarantined} were kept now (relay webhooks ` +
      `list --status quarantined), the next run keeps as many; is its api.version right?`,
  );
}
