import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlatformName } from "../../src/core/cancellation.ts";

const NAMES: Record<PlatformName, readonly string[]> = {
  shopline: [
    "shopline.webhook.orders_cancelled.from-docs.json",
    "shopline.webhook.customers_redact.from-field-table.json",
    "shopline.webhook.merchants_redact.from-field-table.json",
  ],
  shoplazza: [
    "shoplazza.webhook.orders_cancelled.reconstructed.json",
    "shoplazza.order_cancel_response.official-openapi-2022-01.json",
  ],
  fastpod: ["fastpod.webhook.likely-envelope.json", "fastpod.cancel_response.official.json"],
};

/** What a platform sends, as its own pages show it: test/fixtures/README.md. */
export function documentsOf(platform: PlatformName): unknown[] {
  return NAMES[platform].map((name): unknown =>
    JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures", name), "utf8")),
  );
}
