import { RelayError } from "../core/errors.ts";
import type { WatchChange } from "../ledger/store-watch.ts";
import type { ApiHealth, RelayEvent } from "../observe/events.ts";
import type { RelayDeps } from "../relay-deps.ts";
import { askable, healthOf, ownMessage, ownWords, watchOf, type Askable } from "./asking.ts";
import { putInPlace, sortedOut, type Found } from "./subscribe.ts";

type Checked = Omit<Extract<RelayEvent, { event: "subscription.checked" }>, "event" | "store">;

/** One look, and what it leaves. @returns whether the subscription had been gone and is there again */
export async function watch(deps: RelayDeps, name: string): Promise<boolean> {
  const asked = askable(deps, name);
  // An address that nobody can call is not made again; whoever set it up by hand has set RELAY_PUBLIC_URL aright.
  if (deps.inbound.unreachable(asked.store) !== null) return false;
  const listed = await asked.api.listSubscriptions(asked.store);
  const checked_at = deps.clock.now();
  if (listed.kind === "failed") {
    const detail = ownWords(listed);
    await leave(
      deps,
      name,
      { checked_at, check_error: detail },
      { result: "failed", detail, api: healthOf(listed) },
    );
    return false;
  }
  const found = sortedOut(deps, asked, listed.value);
  const { subscribed_at } = await watchOf(deps, name);
  const [right] = found.right;
  if (right !== undefined) {
    const seen = { subscribed_at: subscribed_at ?? checked_at, subscription_id: right.id };
    await leave(deps, name, { ...seen, checked_at, check_error: null }, answered("in_place", ""));
    return false;
  }
  if (subscribed_at === null) {
    await leave(deps, name, { checked_at, check_error: null }, answered("unseen", ""));
    return false;
  }
  return restore(deps, asked, found);
}

/** It was there and is not: the store has dropped it, after 19 failures most likely. */
async function restore(deps: RelayDeps, asked: Askable, found: Found): Promise<boolean> {
  const { name } = asked.store;
  const [moved] = found.wrong;
  if (moved !== undefined) {
    // A relay that was started on a copy of this ledger must not take the webhooks of the one that works.
    const detail = `it calls ${moved.address} and not this relay: where this relay is to print, run: relay subscribe ${name}`;
    await leave(deps, name, { checked_at: deps.clock.now(), check_error: detail }, answered("moved", detail));
    return false;
  }
  try {
    const { id } = await putInPlace(deps, asked, found, { replace: false, by: "relay" });
    const checked_at = deps.clock.now();
    const change = { checked_at, subscribed_at: checked_at, subscription_id: id, check_error: null };
    await leave(deps, name, change, answered("restored", RESTORED));
    return true;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    const detail = `it could not be made again: ${ownMessage(error)}`;
    await leave(deps, name, { checked_at: deps.clock.now(), check_error: detail }, answered("gone", detail));
    return false;
  }
}

const RESTORED =
  "it has been made again, and what was cancelled meanwhile is fetched; stores drop it after 19 failures: was the relay away?";

function answered(result: Checked["result"], detail: string): Checked {
  return { result, detail, api: "answered" satisfies ApiHealth };
}

async function leave(deps: RelayDeps, store: string, change: WatchChange, checked: Checked): Promise<void> {
  await deps.ledger.recordWatch(store, change);
  deps.emit({ event: "subscription.checked", store, ...checked });
}
