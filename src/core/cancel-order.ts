import { z } from "zod";
import { ORDER_ID_CHARS_MAX } from "./cancellation.ts";
import { cleanLine } from "./text.ts";

/** What somebody says who has an order cancelled at its store: on the command line, in the API, on a page. */

export const CANCEL_REASON_CHARS_MAX = 200;

const AMOUNT = /^(?=.*[1-9])\d{1,12}(\.\d{1,4})?$/;

export const cancelOrderSchema = z.strictObject({
  reason: z
    .string()
    .max(CANCEL_REASON_CHARS_MAX)
    .transform((text) => cleanLine(text, CANCEL_REASON_CHARS_MAX))
    .pipe(z.string().min(1, "say in a few words why the order is cancelled"))
    .meta({
      description: "why; told to the store, printed on the slip and kept",
      minLength: 1,
      maxLength: CANCEL_REASON_CHARS_MAX,
    }),
  restock: z
    .boolean()
    .optional()
    .describe("SHOPLINE alone: whether the goods go back into stock; yes unless said otherwise"),
  email: z
    .boolean()
    .optional()
    .describe("SHOPLINE alone: whether the store writes to the buyer; no unless said otherwise"),
  amount: z
    .string()
    .regex(AMOUNT, "must be a decimal above 0, such as 12.50")
    .optional()
    .describe(
      "SHOPLINE alone: what the store refunds, as a decimal in the order's currency; none unless given",
    ),
});

/** As stores write ids, and as they stand in an address: dots alone would be a way to another one. */
export function isOrderId(text: string): boolean {
  const isClean = text !== "" && cleanLine(text, ORDER_ID_CHARS_MAX) === text;
  return isClean && !/^\.+$/.test(text);
}
