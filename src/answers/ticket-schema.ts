import { z } from "zod";
import { PAYMENT_STATES, PLATFORM_NAMES } from "../core/cancellation.ts";
import type { Ticket } from "../core/ticket.ts";

const text = z.string().nullable();
const amount = z.string().nullable();
const moment = z.number().int();

/** The ticket as it is kept: what its fields mean is said at `Ticket`. */
export const ticketSchema = z.object({
  kind: z.enum(["cancellation", "test"]),
  platform: z.enum(PLATFORM_NAMES).nullable(),
  store: text,
  order_id: z.string(),
  order_name: z.string(),
  created_at: moment.nullable(),
  cancelled_at: moment,
  cancelled_at_known: z.boolean(),
  reason: text,
  merchant_note: text,
  buyer_note: text,
  handover: z.enum(["delivery", "collection"]).nullable(),
  shipping_method: text,
  payment: z.enum(PAYMENT_STATES).nullable(),
  payment_method: text,
  currency: text,
  amounts: z.object({
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
  buyer: z.object({ name: text, phone: text, address: text, town: text }),
  items: z.array(
    z.object({
      quantity: text,
      name: z.string(),
      variant: text,
      sku: text,
      options: z.array(z.object({ name: text, value: z.string() })),
      note: text,
      amount,
    }),
  ),
  problems: z.array(z.string()),
}) satisfies z.ZodType<Ticket>;
