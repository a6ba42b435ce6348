import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LANGUAGES, printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { Ticket } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { draw } from "../../src/slip/draw.ts";
import { MARKS, noodles } from "../golden/tickets.ts";

// A printer's `customer` setting, over all that leaves for the cloud and all that is shown of a slip.

const BUYER = {
  name: "Markedfirst Markedlast",
  phone: "+886 912 345 678",
  address: "9 Markedstreet, 2F",
  town: "Markedtown",
};
const WORDS = "Markedfirst Markedlast, 0912-345-678, 9 Markedstreet, Markedtown";
const NAME = /Marked ?(first|last)/i;
const REST = /345.?678|Marked ?(street|town)/i;

/** Whoever typed it, and wherever a store lets people type. */
const TYPED: Ticket = {
  ...noodles,
  buyer: BUYER,
  reason: `no longer wanted by ${WORDS}`,
  merchant_note: `call ${WORDS} back`,
  buyer_note: `no peanuts! ${WORDS}`,
  shipping_method: `Scooter to ${WORDS}`,
  payment_method: `LINE Pay of ${WORDS}`,
  items: [
    {
      ...noodles.items[0]!,
      name: "Beef noodle soup",
      note: `extra hot for ${WORDS}`,
      options: [
        { name: "Written on it", value: `Happy birthday ${WORDS}` },
        { name: null, value: "extra egg" },
      ],
    },
  ],
};

const anyPrinter = fc
  .record({
    language: fc.constantFrom(...LANGUAGES),
    columns: fc.constantFrom(30 as const, 32 as const, 42 as const, 48 as const),
    order_txt: fc.constantFrom("plain" as const, "markup" as const, "off" as const),
    created_key: fc.constantFrom("both" as const, "Create_time" as const, "CreateTime" as const),
  })
  .map((style): PrinterSettings => printerSchema.parse({ name: "kitchen", api_key: "key", ...style }));

/** Lines are broken and numbers are set anew: what is searched is without either. */
async function everywhere(ticket: Ticket, printer: PrinterSettings): Promise<string> {
  const { order_id, order_json, order_txt } = composeOrder(ticket, MARKS, printer);
  const picture = (await draw.svg(ticket, MARKS, printer)).replace(/<[^>]*>/g, "");
  const all = [order_id, JSON.stringify(order_json), order_txt, draw.text(ticket, MARKS, printer), picture];
  return all.join("\n").replace(/-?\\?[rn]?\s+/g, " ");
}

describe("customer: none", () => {
  test("nothing of the buyer goes to the cloud or stands on a slip, wherever people have typed it", async () => {
    await fc.assert(
      fc.asyncProperty(anyPrinter, async (printer) => {
        const said = await everywhere(TYPED, { ...printer, customer: "none" });
        expect(said).not.toMatch(NAME);
        expect(said).not.toMatch(REST);
        expect(said).not.toContain("9 Mark");
      }),
      { numRuns: 60 },
    );
  });

  test("what was ordered, and what was said of it, stays", () => {
    const printer = printerSchema.parse({ name: "kitchen", api_key: "key", customer: "none" });
    const { order_json } = composeOrder(TYPED, MARKS, printer);
    expect(order_json).toMatchObject({ CustName: "", CustAddr: "", CustTown: "", CustPhone: "" });
    expect(order_json.Order[0]).toMatchObject({
      o_name: "Beef noodle soup",
      OrderOption: [
        { o_oName: "Large" },
        { o_oName: "Written on it: Happy birthday ..., ..., ..., ..." },
        { o_oName: "extra egg" },
        { o_oName: "Note: extra hot for ..., ..., ..., ..." },
        { o_oName: "SKU BN-L" },
      ],
    });
    expect(order_json.Comment).toContain("Customer note: no peanuts! ..., ..., ..., ...");
    expect(order_json.Comment).toContain("Reason: no longer wanted by ...");
  });

  test("the merchant's own word for a dish stays whole, though a buyer is called like it", () => {
    const ginger = { ...TYPED, buyer: { ...BUYER, name: "Ginger Beef" } };
    const printer = printerSchema.parse({ name: "kitchen", api_key: "key", customer: "none" });
    expect(composeOrder(ginger, MARKS, printer).order_json.Order[0]?.o_name).toBe("Beef noodle soup");
  });
});

test("customer: short lets the name and the number's end through, and no more by a note either", async () => {
  await fc.assert(
    fc.asyncProperty(anyPrinter, async (printer) => {
      const said = await everywhere(TYPED, { ...printer, customer: "short" });
      expect(said).toMatch(NAME);
      expect(said).toContain("...678");
      expect(said).not.toMatch(REST);
    }),
    { numRuns: 30 },
  );
});

test("customer: full changes no word", () => {
  const printer = printerSchema.parse({ name: "kitchen", api_key: "key" });
  const { order_json } = composeOrder(TYPED, MARKS, printer);
  expect(order_json.Comment).toContain(`no peanuts! ${WORDS}`);
  expect(order_json.CustAddr).toBe("9 Markedstreet, 2F");
});
