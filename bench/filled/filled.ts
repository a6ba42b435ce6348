import Database from "better-sqlite3";
import { join } from "node:path";
import type { Bench } from "../figure.ts";
import { TEMPLATES_MAX } from "../load/bodies.ts";
import { DATABASE, startRelay, type RelayHome } from "../subjects/relay.ts";
import { multiply } from "./multiply.ts";

/**
 * A ledger of many settled deliveries: the relay itself makes one of each kind of body, printed and confirmed, and
 * their rows in all tables are then copied by SQL under new ids and older times.
 */
export async function makeFilledHome(bench: Bench): Promise<RelayHome> {
  const { cloud, extent } = bench;
  await cloud.back({ confirm: true });
  const home = await bench.home();
  const relay = await startRelay(home);
  const { orders } = await bench.load(relay, { kind: "count", orders: TEMPLATES_MAX });
  await cloud.confirmed(orders);
  await relay.stop();

  const db = new Database(join(home.folder, DATABASE));
  // Nobody reads it before it is done, and a crash costs another run: no log, no flush.
  for (const pragma of [
    "journal_mode = OFF",
    "synchronous = OFF",
    "foreign_keys = OFF",
    "cache_size = -1000000",
  ]) {
    db.pragma(pragma);
  }
  multiply(db, Math.ceil(extent.rows / orders));
  db.close();
  return home;
}
