import type { InboundEntry, Ledger } from "../ledger.ts";
import type { Seal } from "../seal.ts";
import { createActKeys } from "./act-keys.ts";
import { createAlertLedger } from "./alert-ledger.ts";
import { createAlertWriter } from "./alerts.ts";
import { createChange, createDeliveryWriter } from "./change.ts";
import { createClaims } from "./claim.ts";
import { createSetClockBack } from "./clock-set-back.ts";
import type { Driver } from "./driver.ts";
import { createEnqueue } from "./enqueue.ts";
import { createErasures } from "./erasures.ts";
import { createFinds } from "./find.ts";
import { createKeyLedger } from "./key-ledger.ts";
import { createLargeEntries } from "./large-entries.ts";
import { createPastSteps } from "./past-steps.ts";
import { createPrunes } from "./prune.ts";
import { createRestoredLedger, takeUpInParts } from "./restored.ts";
import { createDeliveryReader } from "./rows.ts";
import { createDeliverySearch } from "./search-deliveries.ts";
import { createWebhookSearch } from "./search-webhooks.ts";
import { createServiceLedger } from "./service-ledger.ts";
import { createSessionLedger } from "./session-ledger.ts";
import { createSettingsStore } from "./settings.ts";
import { prepare } from "./statement.ts";
import { createStoreWatches } from "./store-watches.ts";
import { createSweeps } from "./sweep.ts";

/** The ledger on any database that has a driver: what is written and read, and in which order, is the same on all. */
export function createLedger(driver: Driver, seal: Seal): Ledger {
  const reader = createDeliveryReader();
  const alerts = createAlertWriter();
  const writer = createDeliveryWriter(alerts);
  const restored = createRestoredLedger();
  const keys = createActKeys();
  const claims = createClaims(reader, writer, restored);
  const change = createChange(reader, writer, keys);
  const sweeps = createSweeps();
  const setClockBack = createSetClockBack();
  const finds = createFinds(reader);
  const searchDeliveries = createDeliverySearch();
  const searchWebhooks = createWebhookSearch();
  const settings = createSettingsStore(seal);
  const watches = createStoreWatches();
  const erasures = createErasures(driver, (seq, entry) => writer.tell(seq, entry));
  const inbound = createEnqueue(reader, writer, { ...restored, ...erasures }, alerts, keys);
  const prunes = createPrunes(driver, keys);
  const pastSteps = createPastSteps();

  return {
    enqueue: createLargeEntries((...entry) =>
      driver.write(() => inbound.enqueue(...entry), laneOf(entry[0])),
    ),
    reenqueue: (entry, act) => driver.write(() => inbound.reenqueue(entry, act)),
    add: (delivery, by, note, once) => driver.write(() => inbound.add(delivery, by, note, once)),
    findAct: (once, now) => driver.read(() => keys.find(once, now)),

    claim: (query) => driver.write(() => claims.claim(query)),
    nextDueAt: () => driver.read(() => claims.nextDueAt()),
    change: (id, what) => driver.write(() => change(id, what), `delivery ${id}`),
    release: (now, filter) => driver.write(() => claims.release(now, filter)),
    held: (limit) => driver.read(() => sweeps.held(limit)),
    overdue: (now, limit) => driver.read(() => sweeps.overdue(now, limit)),
    waitingBeyond: (at, page) => driver.read(() => sweeps.waitingBeyond(at, page)),
    setClockBack: (now) => driver.write(() => setClockBack(now)),
    abandoned: () => driver.read(() => sweeps.abandoned()),

    takeUpRestored: (now) =>
      takeUpInParts(driver, restored, erasures.forgetAgain, now).then(erasures.cutAfter),
    prune: (query) => prunes.prune(query),
    prunedAt: () => driver.read(() => prunes.prunedAt()),
    ...erasures.ledger,

    readDelivery: (id) => driver.read(() => finds.readDelivery(id)),
    findDelivery: (id) => driver.read(() => finds.findDelivery(id)),
    listAttempts: (id, limit, after) => driver.read(() => finds.listAttempts(id, limit, after)),
    listDeliveries: (filter) => driver.read(() => finds.listDeliveries(filter)),
    searchDeliveries: (search) => driver.read(() => searchDeliveries(search)),
    findWebhook: (id) => driver.read(() => finds.findWebhook(id)),
    listWebhooks: (filter) => driver.read(() => finds.listWebhooks(filter)),
    searchWebhooks: (search) => driver.read(() => searchWebhooks(search)),
    counts: (now) => driver.read(() => sweeps.counts(now)),
    vitals: () => driver.vitals(),
    pastSteps: (query) => driver.read(() => pastSteps(query)),

    storeWatches: (store) => driver.read(() => watches.all(store)),
    recordWatch: (store, change) => driver.write(() => watches.record(store, change)),
    knownOrders: (store, ids) => driver.read(() => watches.known(store, ids)),
    isQuarantined: (store, id) => driver.read(() => watches.isQuarantined(store, id)),

    ...createAlertLedger(alerts, driver),
    ...createKeyLedger(seal, driver),
    ...createServiceLedger(driver),
    ...createSessionLedger(driver),

    settings: () => driver.read(() => settings.settings()),
    apply: (named, options) => driver.write(() => settings.apply(named, options)),
    edit: (edit, now) => driver.write(() => settings.edit(edit, now)),
    changedAt: (kind, name) => driver.read(() => settings.changedAt(kind, name)),

    onForeignWrite: (listener) => driver.onForeignWrite(listener),
    ping: (now) => driver.write(() => prove.put(String(now))),
    close: () => driver.close(),
  };
}

/** What two calls may not do side by side: an order's dedupe. What became no delivery may raise an alert. */
function laneOf({ delivery }: InboundEntry): string | undefined {
  return delivery === null ? undefined : `order ${delivery.store} ${delivery.order_id}`;
}

/** Writes a row, to see that it can. */
const prove = prepare<[string]>(
  "INSERT INTO meta (key, value) VALUES ('ping', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
);
