import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StoreSettings } from "../../src/core/settings.ts";
import type { InboundRequest } from "../../src/platforms/platform.ts";

/** When requests are verified. */
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

export function aStore(more: Partial<StoreSettings>): StoreSettings {
  return {
    name: "noodle-bar",
    platform: "shopline",
    printer: "kitchen",
    secrets: [],
    token_hashes: [],
    shop_id: null,
    api: null,
    order_id_from: "id",
    ignore_older_than_s: null,
    currency: null,
    trust_body: true,
    test_orders: "print",
    ...more,
  };
}

export function aRequest(body: Buffer | string, more: Partial<InboundRequest> = {}): InboundRequest {
  return { headers: {}, query: {}, path_token: null, body: Buffer.from(body), ...more };
}

export function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, "../fixtures", name));
}
