import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSeal } from "../../src/ledger/seal.ts";
import { migrate, ownMigrations } from "../../src/ledger/sqlite/migrate.ts";
import { APPLICATION_ID } from "../../src/ledger/sqlite/open.ts";
import { aDelivery, aPrinter, aStore, aWebhook, idOf, NOON } from "./entries.ts";
import { ASKED, erase } from "./erasing.ts";
import { makeFolder, openAt, TEST_KEY } from "./sqlite-ledger.ts";

let folder: ReturnType<typeof makeFolder>;
let path: string;
beforeEach(() => {
  folder = makeFolder();
  path = folder.file("relay.db");
});
afterEach(() => folder.remove());

/** A ledger as the relay before 0007 left it: one store of 2020, one webhook of it that is a delivery. */
function leaveOldLedger(): void {
  const db = new Database(path);
  db.pragma("journal_mode = wal");
  migrate(db, ownMigrations().slice(0, 6), APPLICATION_ID);
  const seal = createSeal(() => [TEST_KEY]);
  const sealed = (place: string, secrets: object): Buffer => seal.seal(JSON.stringify(secrets), place);
  const { api_key, secret_key, ...printer } = aPrinter("kitchen");
  db.prepare("INSERT INTO printers VALUES (?, ?, ?, ?, ?)").run(
    ...["kitchen", JSON.stringify(printer)],
    ...[sealed("printers/kitchen/secrets", { api_key, secret_key }), ADDED_AT, ADDED_AT],
  );
  const { secrets, api, ...store } = aStore("noodle-bar");
  db.prepare("INSERT INTO stores VALUES (?, ?, ?, ?, ?, ?, ?)").run(
    ...["noodle-bar", "shopline", "kitchen"],
    JSON.stringify({ ...store, api: { url: api?.url, version: api?.version } }),
    ...[sealed("stores/noodle-bar/secrets", { secrets, api_token: api?.token }), ADDED_AT, ADDED_AT],
  );
  db.exec(`
    INSERT INTO deliveries (id, kind, state, platform, store, printer, order_id, order_name, order_id_key,
      order_name_key, search, webhook_id, useful_until, created_at)
    VALUES ('${idOf("DLVR", 1)}', 'cancellation', 'printed', 'shopline', 'noodle-bar', 'kitchen', '21057', '#1001',
      '21057', '1001', '-', NULL, ${NOON}, ${ADDED_AT});
    INSERT INTO webhooks (id, status, platform, store, headers, delivery_id, body_bytes, received_at)
    VALUES ('${idOf("WEBH", 1)}', 'accepted', 'shopline', 'noodle-bar', '{}', '${idOf("DLVR", 1)}', 9, ${ADDED_AT})`);
  db.close();
}
const ADDED_AT = Date.UTC(2020, 0, 1);

test("what is in a ledger of before came by webhook, and is known to reconciliation", async () => {
  leaveOldLedger();
  const ledger = await openAt(path);
  expect((await ledger.findWebhook(idOf("WEBH", 1)))?.origin).toBe("webhook");
  expect(await ledger.knownOrders("noodle-bar", ["21057", "21058"])).toEqual(["21057"]);
  const found = { webhook: aWebhook(2, { origin: "reconcile" as const }), delivery: aDelivery(2) };
  found.delivery.order_id = "21057";
  expect(await ledger.enqueue(found)).toMatchObject({ status: "duplicate", delivery_id: idOf("DLVR", 1) });
  await ledger.close();
});

test("the stores of before begin with the upgrade, and stay with it; one added since with its own moment", async () => {
  leaveOldLedger();
  const began = Date.now();
  const ledger = await openAt(path);
  const ended = Date.now();
  const [watch] = await ledger.storeWatches();
  expect(watch).toMatchObject({ store: "noodle-bar", reconciled_to: null, found_count: 0 });
  // SQLite's word for the moment may be a millisecond short of it.
  expect(watch?.since).toBeGreaterThanOrEqual(began - 1);
  expect(watch?.since).toBeLessThanOrEqual(ended);

  const later = ended + 1_000_000;
  const stores = [aStore("noodle-bar"), aStore("tea")];
  await ledger.apply({ printers: [aPrinter("kitchen")], stores }, { prune: false, now: later });
  await ledger.recordWatch("noodle-bar", { reconciled_to: later });
  await ledger.close();

  const again = await openAt(path);
  expect((await again.storeWatches()).map(({ since }) => since)).toEqual([watch?.since, later]);
  await again.close();
});

test("a store's API of before allows no host by name, and applying it again changes nothing", async () => {
  leaveOldLedger();
  const ledger = await openAt(path);
  const store = aStore("noodle-bar");
  expect(store.api?.allow_host).toBeNull();
  expect((await ledger.settings()).stores).toEqual([store]);
  const again = await ledger.apply({ printers: [], stores: [store] }, { prune: false, now: NOON });
  expect(again).toMatchObject({ unchanged: ["store noodle-bar"] });
  await ledger.close();
});

test("nobody is forgotten in a ledger of before, and anybody can be: also whose ticket it no longer has", async () => {
  leaveOldLedger();
  const ledger = await openAt(path);
  const detail = async (): Promise<unknown> =>
    (await ledger.findDelivery(idOf("DLVR", 1)))?.delivery.forgotten_at;
  expect([await detail(), await ledger.listErasures(9)]).toEqual([null, []]);
  expect(await erase(ledger, 1, { store: "noodle-bar", orders: ["#1001"] })).toEqual({
    deliveries: 1,
    webhooks: 0,
  });
  expect(await detail()).toBe(ASKED + 1);
  await ledger.close();
});
