import { expect, test } from "vitest";
import { watchChecks, watchOptionsOf } from "../../src/cli/doctor-watch.ts";
import { readConfig } from "../../src/config.ts";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";
import { aStore } from "../platforms/a-store.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const MINUTE_MS = 60_000;

const store = aStore({
  api: { url: "https://shop.example", token: "t", version: null, allow_host: null },
});

const well: StoreWatch = {
  ...{ store: "noodle-bar", since: NOW - 60 * MINUTE_MS, found_count: 0, subscription_id: "s-1" },
  ...{ reconciled_to: NOW - MINUTE_MS, reconciled_at: NOW - MINUTE_MS, reconcile_error: null },
  ...{ subscribed_at: NOW - 50 * MINUTE_MS, checked_at: NOW - MINUTE_MS, check_error: null },
};

function look(more: Partial<StoreWatch>, env: Record<string, string> = {}, running = true): string[] {
  const options = watchOptionsOf(readConfig(env, "/nonexistent/.env"), running, NOW);
  return watchChecks(store, { ...well, ...more }, options).map(({ status, detail }) => `${status} ${detail}`);
}

test("all is well: it says what is known", () => {
  expect(look({})).toEqual([
    "ok its subscription was seen in place 2026-11-24 11:59:00, nothing missed up to 2026-11-24 11:59:00 (UTC)",
  ]);
});

test("a store without an api has nothing to be looked at", () => {
  const options = watchOptionsOf(readConfig({}, "/nonexistent/.env"), true, NOW);
  expect(watchChecks({ ...store, api: null }, well, options)).toEqual([]);
  expect(watchChecks(store, undefined, options)).toEqual([]);
});

test("never subscribed, and a look that failed: with the command", () => {
  expect(look({ subscribed_at: null })).toEqual([
    "warn its webhook subscription was never seen in place; relay subscribe noodle-bar makes or finds it",
  ]);
  expect(look({ check_error: "the token lacks read_orders" })[0]).toMatch(
    /^warn .*lacks read_orders.*relay subscribe noodle-bar$/,
  );
});

test("a round that has stopped shows after three of its times, while a service runs", () => {
  // Looked at every 900 s, fetched every 600 s unless told.
  const late = { checked_at: NOW - 46 * MINUTE_MS, reconciled_to: NOW - 31 * MINUTE_MS };
  expect(look(late)).toEqual([
    expect.stringContaining("relay subscribe noodle-bar --check"),
    expect.stringContaining("relay reconcile noodle-bar"),
  ]);
  expect(look({ checked_at: NOW - 45 * MINUTE_MS, reconciled_to: NOW - 30 * MINUTE_MS })).toHaveLength(1);
  expect(look(late, {}, false)[0]).toMatch(/^ok /);
  expect(look(late, { RELAY_WATCH_EVERY_S: "0", RELAY_RECONCILE_EVERY_S: "0" })[0]).toMatch(/^ok /);
});

test("a store added a moment ago is not late", () => {
  expect(look({ reconciled_to: null, reconciled_at: null, since: NOW - MINUTE_MS })[0]).toMatch(/^ok /);
});

test("a run that failed tells why", () => {
  expect(look({ reconcile_error: "the store said: 500" })).toEqual([
    "warn fetching what was missed failed at 2026-11-24 11:59:00 UTC (the store said: 500); mend that, then relay reconcile noodle-bar",
  ]);
});
