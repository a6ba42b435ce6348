import { validAt } from "../core/expiring.ts";
import type { StoreSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";
import { webhookPath } from "../core/webhook.ts";
import type { Subscription } from "../platforms/store-api.ts";
import type { Inbound } from "./inbound.ts";
import type { SeenSubscription } from "./store-acts.ts";

/** Stands in an address for FastPOD's path token, which opens the store's door. */
const HIDDEN = "***";

/** The store's address as people may see it. */
export function shownAddress(inbound: Inbound, store: StoreSettings): string {
  return inbound.address(store, HIDDEN);
}

/** What a subscription is to this store, and its address as people may see it. */
export function seenAs(
  { id, topic, address }: Subscription,
  store: StoreSettings,
  inbound: Inbound,
  now: UnixMs,
): SeenSubscription {
  const own = parsed(inbound.address(store, HIDDEN));
  const there = parsed(address);
  if (own === null || there === null) return { id, topic, address: "(no address)", of_store: "other" };
  const hasToken = store.platform === "fastpod";
  const path = trimmed(hasToken ? own.pathname.slice(0, -HIDDEN.length) : own.pathname);
  const token = hasToken ? (there.pathname.split("/").findLast((part) => part !== "") ?? "") : "";
  const rest = trimmed(
    hasToken ? there.pathname.slice(0, there.pathname.lastIndexOf(token)) : there.pathname,
  );
  // Another base may have a path of its own before ours.
  const ourEnd = trimmed(webhookPath(store, ""));
  if (!rest.endsWith(ourEnd)) return { id, topic, address: shown(there), of_store: "other" };
  const isRight =
    there.origin === own.origin &&
    rest === path &&
    there.search === "" &&
    (!hasToken || validAt(store.token_hashes, now).includes(inbound.hashToken(token)));
  const shownThere = hasToken ? `${there.origin}${rest}/${HIDDEN}` : shown(there);
  return { id, topic, address: shownThere, of_store: isRight ? "right" : "wrong" };
}

/** Stores call by these alone: any other address there is nobody's to open. */
const CALLED_BY = ["https:", "http:"];

function parsed(address: string): URL | null {
  const url = URL.canParse(address) ? new URL(address) : null;
  return url !== null && CALLED_BY.includes(url.protocol) ? url : null;
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, "");
}

const ADDRESS_CHARS_MAX = 300;

/** Without what may be a key of somebody else's: a name, a password, a query. */
function shown({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search === "" ? "" : `?${HIDDEN}`}`.slice(0, ADDRESS_CHARS_MAX);
}
