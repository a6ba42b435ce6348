import type { Database } from "better-sqlite3";
import type { Clock, UnixMs } from "../../core/time.ts";
import type { Ledger } from "../ledger.ts";
import type { Seal } from "../seal.ts";
import { createActKeys } from "./act-keys.ts";
import { createAlertLedger } from "./alert-ledger.ts";
import { createAlertWriter } from "./alerts.ts";
import { createChange, createDeliveryWriter } from "./change.ts";
import { createClaims } from "./claim.ts";
import { createEnqueue } from "./enqueue.ts";
import { createErasures } from "./erasures.ts";
import { asLedgerError } from "./errors.ts";
import { createFinds } from "./find.ts";
import { createForeignWrites } from "./foreign-writes.ts";
import { createGroupCommit } from "./group-commit.ts";
import { createKeyLedger } from "./key-ledger.ts";
import { createLargeEntries } from "./large-entries.ts";
import { openDatabase } from "./open.ts";
import { createPastSteps } from "./past-steps.ts";
import { createPrunes, walBytes } from "./prune.ts";
import { createRestoredLedger } from "./restored.ts";
import { createDeliveryReader } from "./rows.ts";
import { createDeliverySearch } from "./search-deliveries.ts";
import { createWebhookSearch } from "./search-webhooks.ts";
import { createSessionLedger } from "./session-ledger.ts";
import { createSettingsStore } from "./settings.ts";
import { createStoreWatches } from "./store-watches.ts";
import { createSweeps } from "./sweep.ts";

export interface SqliteLedgerOptions {
  /** Of the file; made with its folder when there is none. */
  path: string;
  seal: Seal;
  /** Only for `onForeignWrite`: every other moment comes with its call. */
  clock: Pick<Clock, "after">;
  /** Further pragmas of the connection, such as `max_page_count = 1000000` to bound the file. */
  pragmas?: readonly string[];
}

/**
 * The ledger in one SQLite file. One connection: writes share transactions (group-commit.ts), reads run between
 * them. Another process (the command line) may open the same file at the same time.
 *
 * @throws `ledger_newer`, `ledger_unavailable`
 */
// Asynchronous because a ledger's border is; opening a file is not.
// eslint-disable-next-line @typescript-eslint/require-await
export async function openSqliteLedger({ path, seal, clock, pragmas }: SqliteLedgerOptions): Promise<Ledger> {
  const db = openDatabase(path, pragmas);
  const read = createRead(path);
  const reader = createDeliveryReader(db);
  const alerts = createAlertWriter(db);
  const writer = createDeliveryWriter(db, alerts);
  const restored = createRestoredLedger(db);
  const keys = createActKeys(db);
  const claims = createClaims(db, reader);
  const change = createChange(db, reader, writer, keys);
  const sweeps = createSweeps(db);
  const finds = createFinds(db, reader);
  const searchDeliveries = createDeliverySearch(db);
  const searchWebhooks = createWebhookSearch(db);
  const settings = createSettingsStore(db, seal);
  const watches = createStoreWatches(db);
  const foreignWrites = createForeignWrites(db, clock);
  const group = createGroupCommit(db, path);
  const erasures = createErasures(db, path, group, read, (seq, entry) => writer.tell(seq, entry));
  const inbound = createEnqueue(db, reader, writer, { ...restored, ...erasures }, alerts, keys);
  const prunes = createPrunes(db, path, group, keys);
  const pastSteps = createPastSteps(db);
  const prove = createProof(db);

  return {
    enqueue: createLargeEntries((...entry) => group.write(() => inbound.enqueue(...entry))),
    reenqueue: (entry, act) => group.write(() => inbound.reenqueue(entry, act)),
    add: (delivery, by, note, once) => group.write(() => inbound.add(delivery, by, note, once)),
    findAct: (once, now) => read(() => keys.find(once, now)),

    claim: (query) => group.write(() => claims.claim(query)),
    nextDueAt: () => read(() => claims.nextDueAt()),
    change: (id, what) => group.write(() => change(id, what)),
    release: (now, filter) => group.write(() => claims.release(now, filter)),
    held: (limit) => read(() => sweeps.held(limit)),
    overdue: (now, limit) => read(() => sweeps.overdue(now, limit)),
    waitingBeyond: (at) => read(() => sweeps.waitingBeyond(at)),
    abandoned: () => read(() => sweeps.abandoned()),

    takeUpRestored: (now) =>
      group.write(() => restored.takeUp(now, erasures.forgetAgain)).then(erasures.cutAfter),
    prune: (query) => prunes.prune(query),
    prunedAt: () => read(() => prunes.prunedAt()),
    ...erasures.ledger,

    findDelivery: (id) => read(() => finds.findDelivery(id)),
    listDeliveries: (filter) => read(() => finds.listDeliveries(filter)),
    searchDeliveries: (search) => read(() => searchDeliveries(search)),
    findWebhook: (id) => read(() => finds.findWebhook(id)),
    listWebhooks: (filter) => read(() => finds.listWebhooks(filter)),
    searchWebhooks: (search) => read(() => searchWebhooks(search)),
    counts: (now) => read(() => sweeps.counts(now)),
    vitals: () => read(() => ({ ...group.figures(), wal_bytes: walBytes(path) })),
    pastSteps: (query) => read(() => pastSteps(query)),

    storeWatches: () => read(() => watches.all()),
    recordWatch: (store, change) => group.write(() => watches.record(store, change)),
    knownOrders: (store, ids) => read(() => watches.known(store, ids)),
    isQuarantined: (store, id) => read(() => watches.isQuarantined(store, id)),

    ...createAlertLedger(db, alerts, group, read),
    ...createKeyLedger(db, seal, group, read),
    ...createSessionLedger(db, group, read),

    settings: () => read(() => settings.settings()),
    apply: (named, options) => group.write(() => settings.apply(named, options)),
    edit: (edit, now) => group.write(() => settings.edit(edit, now)),

    onForeignWrite: (listener) => foreignWrites.watch(listener),
    ping: (now) => group.write(() => prove(now)),
    // eslint-disable-next-line @typescript-eslint/require-await -- as above
    async close() {
      foreignWrites.close();
      group.close();
      db.close();
    },
  };
}

/** @returns what rejects instead of throwing, as everything asynchronous does */
function createRead(path: string): <Result>(query: () => Result) => Promise<Result> {
  return <Result>(query: () => Result) =>
    new Promise((resolve) => resolve(query())).catch((error: unknown) => {
      throw asLedgerError(error, path);
    }) as Promise<Result>;
}

/** @returns what writes a row, to see that it can */
function createProof(db: Database): (now: UnixMs) => void {
  const write = db.prepare<[string]>(
    "INSERT INTO meta (key, value) VALUES ('ping', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  return (now) => void write.run(String(now));
}
