import type { AlertType } from "../../core/alert.ts";
import type { RelayEvent } from "../events.ts";
import { matterOf, type Turn } from "./turn.ts";

/** An act by a store's API. */
type StoreEvent = Extract<RelayEvent, { api: unknown }>;

/** What is wrong with a store's API, or found out by it: without one nobody will ever see the end of it. */
const OF_API = [
  "api.refused",
  "api.lost",
  "api.stranger",
  "subscription.gone",
  "store.unreconciled",
  "store.flooding",
] as const satisfies AlertType[];

export function mattersOfApi(store: string): string[] {
  return OF_API.map((type) => matterName(type, store));
}

/** Of the rounds, by store, the one that found its API refusing. */
export type RefusedRounds = Map<string, StoreEvent["event"]>;

/** Each asks for something else of a store, so a scope may be missing for the one and not for the other. */
const ROUNDS: readonly StoreEvent["event"][] = ["store.reconciled", "subscription.checked"];

/**
 * What an act by a store's API opens or closes. One matter for a store, however often and by whatever act it is met:
 * a wrong token is found by every round, and is told once.
 * @param refused kept from one event to the next
 */
export function storeTurn(
  event: StoreEvent,
  isOpen: (matter: string) => boolean,
  refused: RefusedRounds,
): Turn | null {
  const { store } = event;
  if (store === null) return null;
  const turns = [healthTurn(event, store, isOpen, refused)];
  if (event.event === "delivery.verified") turns.push(verifiedTurn(event, store, isOpen));
  if (event.event === "subscription.checked") turns.push(checkedTurn(event, isOpen));
  if (event.event === "store.reconciled") turns.push(...reconciledTurns(event, isOpen));
  const due = turns.filter((turn) => turn !== null);
  if (due.length === 0) return null;
  const raise = due.findLast((turn) => turn.raise !== undefined)?.raise;
  const close = due.flatMap((turn) => turn.close ?? []);
  return { ...(raise !== undefined && { raise }), ...(close.length > 0 && { close }) };
}

function healthTurn(
  event: StoreEvent,
  store: string,
  isOpen: (matter: string) => boolean,
  refusedRounds: RefusedRounds,
): Turn | null {
  const [refused, lost] = [matterName("api.refused", store), matterName("api.lost", store)];
  const undone = matterName("store.unreconciled", store);
  const isRound = ROUNDS.includes(event.event);
  if (event.api === "answered") {
    const by = refusedRounds.get(store);
    const isMended = by === undefined || by === event.event || !isRound;
    if (isMended) refusedRounds.delete(store);
    return closing((isMended ? [refused, lost] : [lost]).filter(isOpen), "it answers again");
  }
  if (event.api === "refused" && isRound && !isOpen(refused)) refusedRounds.set(store, event.event);
  // Its list alone may be what fails, and then every look at the subscription would end the matter.
  if (event.api === "unavailable" && (event.event === "store.reconciled" || isOpen(undone))) return null;
  const detail = "detail" in event ? event.detail : "";
  return raising(event.api === "refused" ? "api.refused" : "api.lost", store, detail, isOpen);
}

/** One webhook may be a sample with an order that never was; a token of another account knows none of them. */
function verifiedTurn(
  { api, order, order_unknown, state }: Extract<RelayEvent, { event: "delivery.verified" }>,
  store: string,
  isOpen: (matter: string) => boolean,
): Turn | null {
  if (api !== "answered") return null;
  if (!order_unknown) {
    return closing([matterName("api.stranger", store)].filter(isOpen), "it knows an order again");
  }
  const reason =
    `order ${order}: is its api.token one of the same account? If not, apply the right one and run: ` +
    `relay reconcile ${store} --since 3d`;
  return state === "void" ? raising("api.stranger", store, reason, isOpen) : null;
}

function reconciledTurns(
  { store, api, surplus, detail, known }: Extract<RelayEvent, { event: "store.reconciled" }>,
  isOpen: (matter: string) => boolean,
): (Turn | null)[] {
  const [undone, flooding] = [matterName("store.unreconciled", store), matterName("store.flooding", store)];
  const stranger = known > 0 ? [matterName("api.stranger", store)] : [];
  if (detail === "") {
    return [
      closing([undone, flooding].filter(isOpen), "a run has ended well"),
      closing(stranger.filter(isOpen), "its list has orders that are known here"),
    ];
  }
  if (surplus === "found") return [raising("store.flooding", store, detail, isOpen)];
  // An API that is away altogether is told once.
  const isKnown = api === "refused" || isOpen(matterName("api.lost", store));
  return isKnown ? [] : [raising("store.unreconciled", store, detail, isOpen)];
}

function checkedTurn(
  { store, result, detail }: Extract<RelayEvent, { event: "subscription.checked" }>,
  isOpen: (matter: string) => boolean,
): Turn | null {
  const matter = matterName("subscription.gone", store);
  switch (result) {
    case "in_place":
      return closing([matter].filter(isOpen), "it is in place");
    case "restored":
    case "gone":
    case "moved":
      return raising("subscription.gone", store, detail, isOpen);
    case "unseen":
    case "failed":
      return null;
  }
}

function raising(
  type: AlertType,
  store: string,
  reason: string,
  isOpen: (matter: string) => boolean,
): Turn | null {
  const matter = matterName(type, store);
  return isOpen(matter) ? null : { raise: matterOf(type, { matter, store, printer: null, reason }) };
}

function closing(matters: readonly string[], ended: string): Turn | null {
  return matters.length === 0 ? null : { close: matters.map((matter) => ({ matter, ended })) };
}

function matterName(type: AlertType, store: string): string {
  return `${type} ${store}`;
}
