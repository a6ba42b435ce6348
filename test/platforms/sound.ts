import { expect } from "vitest";
import { z } from "zod";
import type { Reading } from "../../src/platforms/platform.ts";

const PAYMENT_WORDS = [
  "paid",
  "unpaid",
  "partially_paid",
  "authorized",
  "refunding",
  "refunded",
  "partially_refunded",
  "failed",
] as const;

const text = z.string().min(1).max(500).nullable();
const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .nullable();
const moment = z.int().nullable();

/** The canonical form, written again from core/cancellation.ts: nothing more, nothing less, of the right types. */
export const canonical = z.strictObject({
  order_id: z.string().min(1).max(100),
  order_name: text,
  created_at: moment,
  cancelled_at: moment,
  reason: text,
  merchant_note: text,
  buyer_note: text,
  handover: z.enum(["delivery", "collection"]).nullable(),
  shipping_method: text,
  payment: z.enum(PAYMENT_WORDS).nullable(),
  payment_method: text,
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .nullable(),
  amounts: z.strictObject({
    subtotal: amount,
    discount: amount,
    delivery: amount,
    delivery_tax: amount,
    extra: amount,
    tip: amount,
    tax: amount,
    total: amount,
    refunded: amount,
  }),
  buyer: z.strictObject({ name: text, phone: text, address: text, town: text }),
  items: z.array(
    z.strictObject({
      quantity: text,
      name: z.string().min(1).max(500),
      variant: text,
      sku: text,
      options: z.array(z.strictObject({ name: text, value: z.string().min(1).max(500) })),
      note: text,
      amount,
    }),
  ),
  test: z.boolean(),
  problems: z.array(z.string().regex(/^[a-z0-9_.]{1,80}$/)),
});

// eslint-disable-next-line no-control-regex -- control characters are what must not be there
export const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** Whatever a platform reads: of the canonical form, and nothing in it that moves a printer or a terminal. */
export function expectSound(reading: Reading): void {
  for (const said of textsIn(reading)) expect(said).not.toMatch(HARMFUL);
  if (reading.kind === "cancellation") canonical.parse(reading.cancellation);
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
