import { createHash } from "node:crypto";
import type { PlatformName } from "../../src/core/cancellation.ts";
import { applyFileSchema, storeSettingsOf, type StoreSettings } from "../../src/core/settings.ts";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";
import { createHouse, SECRET, TOKEN, type House } from "../fakes/house.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const api = {
  url: "https://shop.example.com",
  token: "store-token-for-tests",
  allow_host: "shop.example.com",
};
const FILE = applyFileSchema.parse({
  printers: [{ name: "kitchen", api_key: "key-kitchen" }],
  stores: [
    { name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: [SECRET], api },
    { name: "bakery", platform: "shoplazza", printer: "kitchen", secrets: [SECRET], api },
    { name: "tee-shop", platform: "fastpod", printer: "kitchen", tokens: [TOKEN], api },
    { name: "by-hand", platform: "shopline", printer: "kitchen", secrets: [SECRET] },
  ],
});
const SETTINGS = {
  printers: FILE.printers,
  stores: FILE.stores.map((store) => storeSettingsOf(store, sha256)),
};

/** The house with a store's API in memory for each platform. */
export interface Stage {
  house: House;
  shops: Record<PlatformName, MemoryStore>;
  /** An order of SHOPLINE's, cancelled so many seconds ago; null: open. */
  put(id: string, cancelledAgoS: number | null, more?: Record<string, unknown>): void;
  close(): Promise<void>;
}

/** @param own what is set otherwise for the SHOPLINE store */
export async function createStage(own: Partial<StoreSettings> = {}): Promise<Stage> {
  const shops = {
    shopline: createMemoryStore(),
    shoplazza: createMemoryStore({ one_per_topic: true }),
    fastpod: createMemoryStore(),
  };
  const apis = { shopline: shops.shopline.api, shoplazza: shops.shoplazza.api, fastpod: shops.fastpod.api };
  const stores = SETTINGS.stores.map((one) => (one.name === "noodle-bar" ? { ...one, ...own } : one));
  const house = await createHouse({ settings: { ...SETTINGS, stores }, apis });
  return {
    house,
    shops,
    put(id, agoS, more = {}) {
      const cancelled_at = agoS === null ? null : new Date(house.clock.now() - agoS * 1000).toISOString();
      shops.shopline.orders.set(id, { id, name: `#${id}`, cancelled_at, currency: "EUR", ...more });
    },
    close: () => house.close(),
  };
}

/** One run of the SHOPLINE store's, and what goes out because of it. */
export async function reconcileOn({ house }: Stage, since?: number): ReturnType<House["relay"]["reconcile"]> {
  const options = since === undefined ? {} : { since };
  const result = await house.relay.reconcile("noodle-bar", "relay", options);
  await house.clock.advance(0);
  return result;
}

export async function watchOn({ house }: Stage, store = "noodle-bar"): Promise<StoreWatch | undefined> {
  return (await house.ledger.storeWatches(store))[0];
}

/** Order ids of all that went to the cloud. */
export function printedOn({ house }: Stage): string[] {
  return house.cloud.sent.map(({ request }) => request.order.order_id);
}
