import { createHash } from "node:crypto";
import type { PlatformName } from "../core/cancellation.ts";
import type { JsonObject } from "../core/json.ts";
import type { UnixMs } from "../core/time.ts";
import { webhookPath } from "../core/webhook.ts";
import { fastpodOpenOrder, fastpodSampleBody, fastpodSampleOrder } from "./fastpod/sample.ts";
import { shoplazzaOpenOrder, shoplazzaSampleOrder } from "./shoplazza/sample.ts";
import { shoplineOpenOrder, shoplineSampleOrder } from "./shopline/sample.ts";
import type { SampleOrder } from "./sample-order.ts";
import { macOf } from "./signature.ts";

export interface SampleOptions {
  now: UnixMs;
  /** The store in the webhook's address. */
  store: string;
  /** Signs the body; for FastPOD the token at the end of the address. */
  secret: string;
  /** Made from `now` unless given: as long as the platform's own. */
  order_id?: string;
  order_name?: string;
}

/** A webhook ready to be sent: `POST {path}` with these headers and exactly these bytes. */
export interface SampleWebhook {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  order_id: string;
  order_name: string;
  /** The order as the store's API would answer it, for FastPOD's simulator; null elsewhere. */
  api_order: (JsonObject & { id: string }) | null;
}

/** A cancellation as that platform's shops really send them, correctly signed, cancelled moments before `now`. */
export function sampleWebhook(platform: PlatformName, options: SampleOptions): SampleWebhook {
  const { now, store, secret } = options;
  const sample = sampleOf(platform, options);
  const apiOrder = platform === "fastpod" ? fastpodSampleOrder(sample) : null;
  const body = Buffer.from(JSON.stringify(bodyOf(platform, sample)));
  return {
    path: webhookPath({ platform, name: store }, encodeURIComponent(secret)),
    headers: signWebhook(platform, body, secret, now),
    body,
    order_id: sample.order_id,
    order_name: sample.order_name,
    api_order: apiOrder,
  };
}

/** An order as that platform's API tells it while nobody has cancelled it, for a simulated store. */
export function openSampleOrder(
  platform: PlatformName,
  options: Pick<SampleOptions, "now" | "order_id" | "order_name">,
): SampleOrder & { order: JsonObject & { id: string } } {
  const sample = sampleOf(platform, options);
  return { ...sample, order: OPEN_ORDERS[platform](sample) };
}

const OPEN_ORDERS = {
  shopline: shoplineOpenOrder,
  shoplazza: shoplazzaOpenOrder,
  fastpod: fastpodOpenOrder,
};

function sampleOf(
  platform: PlatformName,
  { now, order_id, order_name }: Pick<SampleOptions, "now" | "order_id" | "order_name">,
): SampleOrder {
  const made = sampleNames(platform, now);
  return { now, order_id: order_id ?? made.order_id, order_name: order_name ?? made.order_name };
}

function bodyOf(platform: PlatformName, sample: SampleOrder): JsonObject {
  switch (platform) {
    case "shopline":
      return shoplineSampleOrder(sample);
    case "shoplazza":
      return shoplazzaSampleOrder(sample);
    case "fastpod":
      return fastpodSampleBody(fastpodSampleOrder(sample), sample);
  }
}

function sampleNames(platform: PlatformName, now: UnixMs): { order_id: string; order_name: string } {
  const digits = String(now).padStart(13, "0");
  const short = digits.slice(-8, -4);
  switch (platform) {
    case "shopline":
      return { order_id: `2105${digits}${digits.slice(-9)}`, order_name: `#${short}` };
    case "shoplazza":
      return { order_id: `11218-${digits.slice(-8)}`, order_name: `B${short}` };
    case "fastpod":
      return { order_id: `FAS105-${digits.slice(-12, -6)}-${digits.slice(-6)}`, order_name: `TEE-${short}` };
  }
}

/**
 * Headers of a cancellation webhook around any body, signed as that platform signs. They name no shop, so that a
 * store with a `shop_id` takes them.
 *
 * @param secret not used for FastPOD, which signs nothing
 * @param now the same body sent at another moment is another webhook
 */
export function signWebhook(
  platform: PlatformName,
  body: Buffer,
  secret: string,
  now: UnixMs,
): Record<string, string> {
  const type = { "content-type": "application/json" };
  const webhookId = createHash("sha256").update(String(now)).update(body).digest("hex").slice(0, 24);
  switch (platform) {
    case "shopline":
      return {
        ...type,
        "x-shopline-topic": "orders/cancelled",
        "x-shopline-api-version": "v20250601",
        "x-shopline-webhook-id": webhookId,
        "x-shopline-hmac-sha256": macOf(body, secret).toString("hex"),
      };
    case "shoplazza":
      return {
        ...type,
        "x-shoplazza-topic": "orders/cancelled",
        "x-shoplazza-api-version": "2025-06",
        "x-shoplazza-deduplication-id": webhookId,
        "x-shoplazza-hmac-sha256": macOf(body, secret).toString("base64"),
      };
    case "fastpod":
      return type;
  }
}
