import { bodyTemplates, orderIdOf, type BodyTemplate } from "./bodies.ts";
import { createTailSigner } from "./signing.ts";

/** One kind of request, of which many are made by writing a few bytes anew. */
export interface RequestTemplate {
  body_bytes: number;
  /** A buffer of its own, for one connection: `write` changes it. */
  copy(): Buffer;
  /** Makes the buffer the signed request of this order. */
  write(buffer: Buffer, count: number): void;
}

interface Target {
  url: string;
  store: string;
  secret: string;
  run: string;
}

const SIGNATURE_CHARS = 64;

export function requestTemplates(target: Target): RequestTemplate[] {
  // Half a minute ago: a store sends its webhook a little after the fact.
  const cancelledAt = new Date(Date.now() - 30_000).toISOString().replace(/\.\d+Z/, "+00:00");
  return bodyTemplates(cancelledAt).map((body) => requestTemplate(target, body));
}

function requestTemplate(
  { url, store, secret, run }: Target,
  { prefix, tail: tailOf }: BodyTemplate,
): RequestTemplate {
  const sign = createTailSigner(secret, prefix);
  const tail = tailOf(run, 0);
  const bodyBytes = prefix.length + Buffer.byteLength(tail);
  const head = [
    `POST /webhooks/shopline/${store} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    "User-Agent: Shopline-Webhook",
    "Content-Type: application/json; charset=utf-8",
    "X-Shopline-Topic: orders/cancelled",
    "X-Shopline-Shop-Domain: noodle-bar.myshopline.com",
    "X-Shopline-Shop-Id: 1644828244663",
    "X-Shopline-Merchant-Id: 4600508114",
    "X-Shopline-Api-Version: v20250601",
    `X-Shopline-Webhook-Id: ${orderIdOf(run, 0)}`,
    `X-Shopline-Hmac-Sha256: ${"0".repeat(SIGNATURE_CHARS)}`,
    `Content-Length: ${bodyBytes}`,
    "\r\n",
  ].join("\r\n");
  const whole = Buffer.concat([Buffer.from(head), prefix, Buffer.from(tail)]);
  const idAt = head.indexOf("X-Shopline-Webhook-Id: ") + "X-Shopline-Webhook-Id: ".length;
  const signatureAt = head.indexOf("X-Shopline-Hmac-Sha256: ") + "X-Shopline-Hmac-Sha256: ".length;
  const tailAt = whole.length - Buffer.byteLength(tail);
  return {
    body_bytes: bodyBytes,
    copy: () => Buffer.from(whole),
    write(buffer, count) {
      const end = tailOf(run, count);
      buffer.write(orderIdOf(run, count), idAt, "latin1");
      buffer.write(sign(end), signatureAt, "latin1");
      buffer.write(end, tailAt);
    },
  };
}
