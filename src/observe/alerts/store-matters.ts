import type { AlertType } from "../../core/alert.ts";
import type { RelayEvent } from "../events.ts";
import { matterOf, type Turn } from "./turn.ts";

/** An act by a store's API. */
type StoreEvent = Extract<RelayEvent, { api: unknown }>;

/**
 * What an act by a store's API opens or closes. One matter for a store, however often and by whatever act it is met:
 * a wrong token is found by every round, and is told once.
 */
export function storeTurn(event: StoreEvent, isOpen: (matter: string) => boolean): Turn | null {
  const { store } = event;
  if (store === null) return null;
  const health = healthTurn(event, store, isOpen);
  const subscription = event.event === "subscription.checked" ? checkedTurn(event, isOpen) : null;
  if (health === null || subscription === null) return subscription ?? health;
  return { ...health, ...subscription, close: [...(health.close ?? []), ...(subscription.close ?? [])] };
}

function healthTurn(event: StoreEvent, store: string, isOpen: (matter: string) => boolean): Turn | null {
  const [refused, lost] = [matterName("api.refused", store), matterName("api.lost", store)];
  if (event.api === "answered") return closing([refused, lost].filter(isOpen), "it answers again");
  const [type, matter] =
    event.api === "refused" ? (["api.refused", refused] as const) : (["api.lost", lost] as const);
  const detail = "detail" in event ? event.detail : "";
  return isOpen(matter) ? null : { raise: matterOf(type, { matter, store, printer: null, reason: detail }) };
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
      return isOpen(matter)
        ? null
        : { raise: matterOf("subscription.gone", { matter, store, printer: null, reason: detail }) };
    case "unseen":
    case "failed":
      return null;
  }
}

function closing(matters: readonly string[], ended: string): Turn | null {
  return matters.length === 0 ? null : { close: matters.map((matter) => ({ matter, ended })) };
}

function matterName(type: AlertType, store: string): string {
  return `${type} ${store}`;
}
