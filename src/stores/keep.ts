import type { StoreSettings } from "../core/settings.ts";
import type { Origin } from "../core/webhook.ts";
import { entryOf, type HowItCame } from "../intake.ts";
import type { Act, EnqueueResult, InboundEntry } from "../ledger/ledger.ts";
import type { RelayDeps } from "../relay-deps.ts";

/** What the relay has fetched itself. */
export type FetchedOrigin = Exclude<Origin, "webhook">;

/** An order of the store's API, to be kept as a webhook is: raw, with what it means. */
export function fetchedEntry(
  deps: RelayDeps,
  store: StoreSettings,
  body: Buffer,
  origin: FetchedOrigin,
  how: Pick<HowItCame, "asked" | "reason"> & { label?: string } = {},
): InboundEntry {
  const { label, ...known } = how;
  const webhook = {
    ...{ id: deps.makeId(), platform: store.platform, store: store.name, origin },
    ...{ platform_webhook_id: label ?? null, topic: null, headers: {}, body },
    received_at: deps.clock.now(),
  };
  return entryOf(deps, webhook, deps.platforms[store.platform], store, { ...known, proven: true });
}

/** Stores it, durably, and has it printed. @param act the operator's, where one asked for it */
export async function keep(
  deps: RelayDeps,
  entry: InboundEntry,
  origin: FetchedOrigin,
  by: string,
  act?: Act,
): Promise<EnqueueResult> {
  const result = await deps.ledger.enqueue(entry, act);
  if (result.status === "accepted") deps.wake();
  const { webhook, delivery } = entry;
  deps.emit({
    ...{ event: "cancellation.fetched", origin, status: result.status },
    ...{ store: webhook.store, platform: webhook.platform, webhook: result.webhook_id },
    ...{ delivery: result.delivery_id, order: delivery?.order_id ?? null, reason: result.reason, by },
    traced: { root: webhook.id, traceparent: null, ended_at: deps.clock.now() },
  });
  return result;
}
