import type { Config } from "../config.ts";
import type { StoreSettings } from "../core/settings.ts";
import { SECOND_MS, type UnixMs } from "../core/time.ts";
import type { StoreWatch } from "../ledger/store-watch.ts";
import type { Check } from "./doctor-checks.ts";
import { shortTime } from "./table.ts";

/** A round that is this many times late has stopped. */
const ROUNDS_LATE = 3;

export interface WatchOptions {
  now: UnixMs;
  /** How old the last look and the last run may be; null: nobody makes any. */
  checkedWithinMs: number | null;
  reconciledWithinMs: number | null;
}

/** Without a service there are no rounds, and nothing to be late. */
export function watchOptionsOf({ values }: Config, serviceRunning: boolean, now: UnixMs): WatchOptions {
  const within = (everyS: number): number | null =>
    serviceRunning && everyS > 0 ? everyS * SECOND_MS * ROUNDS_LATE : null;
  return {
    now,
    checkedWithinMs: within(values.RELAY_WATCH_EVERY_S),
    reconciledWithinMs: within(values.RELAY_RECONCILE_EVERY_S),
  };
}

/** What the ledger remembers of a store that can be asked: is it subscribed, and is what was missed fetched. */
export function watchChecks(
  { name, api }: StoreSettings,
  watch: StoreWatch | undefined,
  options: WatchOptions,
): Check[] {
  if (api === null || watch === undefined) return [];
  const subject = `api of store ${name}`;
  const problems = [subscriptionProblem(name, watch, options), reconcileProblem(name, watch, options)]
    .filter((detail) => detail !== null)
    .map((detail): Check => ({ status: "warn", subject, detail }));
  if (problems.length > 0) return problems;
  const run = watch.reconciled_to === null ? "" : `, nothing missed up to ${shortTime(watch.reconciled_to)}`;
  const detail = `its subscription was seen in place ${shortTime(watch.checked_at)}${run} (UTC)`;
  return [{ status: "ok", subject, detail }];
}

function subscriptionProblem(
  name: string,
  { subscribed_at, checked_at, check_error }: StoreWatch,
  { now, checkedWithinMs }: WatchOptions,
): string | null {
  if (check_error !== null) {
    return `the last look at its subscription failed (${check_error}); mend that, then relay subscribe ${name}`;
  }
  if (subscribed_at === null) {
    return `its webhook subscription was never seen in place; relay subscribe ${name} makes or finds it`;
  }
  if (checkedWithinMs === null || now - (checked_at ?? 0) <= checkedWithinMs) return null;
  return `nobody has looked at its subscription since ${shortTime(checked_at)} UTC; relay subscribe ${name} --check`;
}

function reconcileProblem(
  name: string,
  { since, reconciled_at, reconciled_to, reconcile_error }: StoreWatch,
  { now, reconciledWithinMs }: WatchOptions,
): string | null {
  if (reconcile_error !== null) {
    return `fetching what was missed failed at ${shortTime(reconciled_at)} UTC (${reconcile_error}); mend that, then relay reconcile ${name}`;
  }
  if (reconciledWithinMs === null || now - (reconciled_to ?? since) <= reconciledWithinMs) return null;
  return `what was missed has not been fetched since ${shortTime(reconciled_to)} UTC; relay reconcile ${name}`;
}
