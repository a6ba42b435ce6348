import { RelayError } from "../core/errors.ts";
import { rotated, validAt } from "../core/expiring.ts";
import { SECRETS_MAX, type StoreSettings } from "../core/settings.ts";
import { DAY_MS } from "../core/time.ts";
import type { Answered, Subscription } from "../platforms/store-api.ts";
import type { RelayDeps } from "../relay-deps.ts";
import { changeSettings } from "../set-up.ts";
import { seenAs, shownAddress } from "./address.ts";
import { askable, healthOf, ownWords, refusal, valueOf, type Askable } from "./asking.ts";
import type { SeenSubscription, StoreActs, SubscribeResult } from "./store-acts.ts";

/** The store's subscriptions of cancellations, sorted by what they are to it. */
export interface Found {
  all: SeenSubscription[];
  right: SeenSubscription[];
  wrong: SeenSubscription[];
  other: SeenSubscription[];
}

export async function subscribe(
  deps: RelayDeps,
  name: string,
  by: string,
  { check = false, replace = false }: NonNullable<Parameters<StoreActs["subscribe"]>[2]> = {},
): Promise<SubscribeResult> {
  const asked = askable(deps, name);
  if (!check) refuseUnreachable(deps, asked.store);
  const listed = await asked.api.listSubscriptions(asked.store);
  if (listed.kind === "failed") {
    tell(deps, name, "failed", by, listed);
    throw refusal(listed);
  }
  const found = sortedOut(deps, asked, listed.value);
  const address = shownAddress(deps.inbound, asked.store);
  // Where a token in the address opens the door, another address takes the place of the old ones.
  const isAnew = replace && !check && hasToken(asked.store);
  const right = isAnew ? undefined : found.right[0];
  if (check && right === undefined) {
    const result = found.wrong.length > 0 ? "wrong" : "missing";
    return { store: name, address, result, subscriptions: found.all };
  }
  const isThere = found.right.length + found.wrong.length > 0;
  const result = right !== undefined ? "existing" : isThere ? "repaired" : "created";
  const id = right?.id ?? (await putInPlace(deps, asked, found, { replace, by })).id;
  const now = deps.clock.now();
  await deps.ledger.recordWatch(name, {
    ...{ subscribed_at: now, subscription_id: id, checked_at: now, check_error: null },
  });
  tell(deps, name, result, by, listed);
  if (right !== undefined) return { store: name, address, result, subscriptions: found.all };
  const after = await asked.api.listSubscriptions(asked.store);
  const all = after.kind === "answered" ? sortedOut(deps, askable(deps, name), after.value).all : [];
  return { store: name, address, result, subscriptions: all };
}

/** @throws `conflict` */
function refuseUnreachable({ inbound }: RelayDeps, store: StoreSettings): void {
  const why = inbound.unreachable(store);
  if (why !== null) throw new RelayError("conflict", `store ${store.name} cannot be subscribed: ${why}`);
}

export function sortedOut(
  { inbound, clock }: RelayDeps,
  { store, api }: Askable,
  subscriptions: readonly Subscription[],
): Found {
  const all = subscriptions
    .filter(({ topic }) => topic === api.topic)
    .map((one) => seenAs(one, store, inbound, clock.now()));
  const of = (kind: SeenSubscription["of_store"]): SeenSubscription[] =>
    all.filter(({ of_store }) => of_store === kind);
  return { all, right: of("right"), wrong: of("wrong"), other: of("other") };
}

/** Its address ends in a token, and each that is made has another. */
function hasToken({ platform }: StoreSettings): boolean {
  return platform === "fastpod";
}

/**
 * Makes the subscription that is not there. What calls this store otherwise goes; what is not ours stays, unless the
 * platform takes one only and `replace` says so. Of tokens `replace` ends those that are older.
 *
 * @throws `store_refused`, `store_unavailable`; `conflict` when something else is in the only place
 */
export async function putInPlace(
  deps: RelayDeps,
  asked: Askable,
  found: Found,
  { replace, by }: { replace: boolean; by: string },
): Promise<Subscription> {
  const { store, api } = asked;
  const inTheWay = api.one_per_topic ? found.other : [];
  const [first] = inTheWay;
  if (first !== undefined && !replace) {
    throw new RelayError(
      "conflict",
      `store ${store.name} calls ${first.address} for cancellations, and takes one address only: give --replace to put this relay in its place`,
    );
  }
  const old = [...found.right, ...found.wrong, ...inTheWay];
  // Where there is room for both, no cancellation falls between the old one and the new.
  if (api.one_per_topic) await deleteAll(asked, old);
  const { made, token } = await create(deps, asked, { replace, by });
  // A store that knows one address of each name has changed the old one, and calls it by the same id.
  if (!api.one_per_topic)
    await deleteAll(
      asked,
      old.filter(({ id }) => id !== made.id),
    );
  if (replace && token !== null) await endOthers(deps, store.name, token, by);
  return made;
}

async function deleteAll({ store, api }: Askable, old: readonly SeenSubscription[]): Promise<void> {
  for (const { id } of old) valueOf(await api.deleteSubscription(store, id));
}

async function create(
  deps: RelayDeps,
  { store, api }: Askable,
  { replace, by }: { replace: boolean; by: string },
): Promise<{ made: Subscription; token: string | null }> {
  const token = hasToken(store) ? await addToken(deps, store, { replace, by }) : null;
  const made = await api.createSubscription(store, deps.inbound.address(store, token ?? ""));
  if (made.kind === "answered") return { made: made.value, token };
  // It may be there all the same: made by this question whose answer was lost, or by somebody else meanwhile.
  const again = await api.listSubscriptions(store);
  const listed = again.kind === "answered" ? again.value : null;
  // Of several addresses that are right the one with this token.
  const ofToken = listed?.filter(({ address }) => token === null || address.endsWith(token)) ?? [];
  const there = sortedOut(deps, askable(deps, store.name), ofToken).right[0];
  if (there !== undefined) return { made: there, token };
  const surelyNot = listed !== null || made.why !== "unknown";
  if (token !== null && surelyNot) await dropToken(deps, store.name, token, by);
  throw refusal(made);
}

/** Nobody will ever call with it. */
async function dropToken(deps: RelayDeps, name: string, token: string, by: string): Promise<void> {
  const { store } = askable(deps, name);
  const hash = deps.inbound.hashToken(token);
  const token_hashes = store.token_hashes.filter((entry) => entry !== hash);
  await changeSettings(deps, { kind: "store", name, seen: store, to: { ...store, token_hashes } }, by);
}

/** Known to the relay before the store knows it, so that the first webhook is taken. */
async function addToken(
  deps: RelayDeps,
  store: StoreSettings,
  { replace, by }: { replace: boolean; by: string },
): Promise<string> {
  const now = deps.clock.now();
  if (!replace && validAt(store.token_hashes, now).length >= SECRETS_MAX) {
    throw new RelayError(
      "conflict",
      `store ${store.name} has ${SECRETS_MAX} tokens that are valid: run \`relay subscribe ${store.name} --replace\`, ` +
        `which makes an address and lets the older ones end in a day`,
    );
  }
  const token = deps.inbound.makeToken();
  const token_hashes = rotated(store.token_hashes, deps.inbound.hashToken(token), null, now);
  const edit = { kind: "store", name: store.name, seen: store, to: { ...store, token_hashes } } as const;
  await changeSettings(deps, edit, by);
  return token;
}

/** Those of addresses that the store calls no more: not at once, for webhooks to them may be under way. */
async function endOthers(deps: RelayDeps, name: string, token: string, by: string): Promise<void> {
  const { store } = askable(deps, name);
  const now = deps.clock.now();
  const ended = rotated(store.token_hashes, deps.inbound.hashToken(token), now + OLD_TOKENS_MS, now);
  const to = { ...store, token_hashes: ended.slice(0, SECRETS_MAX) };
  await changeSettings(deps, { kind: "store", name, seen: store, to }, by);
}
const OLD_TOKENS_MS = DAY_MS;

function tell(
  { emit }: RelayDeps,
  store: string,
  result: "existing" | "created" | "repaired" | "failed",
  by: string,
  listed: Answered<unknown>,
): void {
  const detail = listed.kind === "failed" ? ownWords(listed) : "";
  emit({ event: "store.subscribed", store, result, detail, by, api: healthOf(listed) });
}
