import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { parseAmount } from "../../src/core/money.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";
import { anyStyle } from "../slip/arbitrary-ticket.ts";
import { columnsByTable } from "../slip/east-asian-width.ts";
import { expectedDetails, expectedOf, NAME_MAX, TEXT_MAX } from "./read-expected.ts";
import { readJson } from "./read-json.ts";
import { readMarkup } from "./read-markup.ts";
import { readPlain } from "./read-plain.ts";
import type { ItemRead, SlipRead } from "./read-slip.ts";
import { readableSlip } from "./read-tickets.ts";

/**
 * The three forms of one order, each read back by a reader that knows nothing of how it was made. Goodcom does not
 * say which of them it prints (facts on Goodcom), so all must say the same.
 */
const PRINTER: PrinterSettings = printerSchema.parse({ name: "kitchen", api_key: "key" });
const RUNS = { numRuns: 500 };

interface Case {
  ticket: Ticket;
  marks: SlipMarks;
  printer: PrinterSettings;
}

const anyCase: fc.Arbitrary<Case> = fc
  .tuple(readableSlip, anyStyle)
  .map(([slip, style]) => ({ ...slip, printer: { ...PRINTER, ...style } }));

function plainOf({ ticket, marks, printer }: Case): SlipRead {
  const { order_txt } = composeOrder(ticket, marks, { ...printer, order_txt: "plain" });
  return readPlain(order_txt, printer.language, printer.columns);
}

function markupOf({ ticket, marks, printer }: Case): SlipRead {
  const { order_txt } = composeOrder(ticket, marks, { ...printer, order_txt: "markup" });
  return readMarkup(order_txt, printer.language, printer.columns);
}

function jsonOf({ ticket, marks, printer }: Case): SlipRead {
  const sent = JSON.stringify(composeOrder(ticket, marks, { ...printer, order_txt: "off" }).order_json);
  const read = readJson(JSON.parse(sent) as Record<string, unknown>, printer.language);
  // The vendor's field may not be empty: where the store did not say, it repeats the cancellation's time.
  return ticket.created_at === null ? { ...read, ordered: null } : read;
}

/** A text that is too long ends in dots, and then as much of it is there as fits. */
function expectText(read: string | null, sent: string | null, columnsMax: number): void {
  if (sent === null || columnsByTable(sent) <= columnsMax) {
    expect(read).toBe(sent);
    return;
  }
  expect(read).toMatch(/\.\.\.$/);
  const beginning = read!.slice(0, -"...".length);
  expect(sent.startsWith(beginning)).toBe(true);
  // Room for half a wide letter, and for the space before the dots.
  expect(columnsMax - columnsByTable(read!)).toBeOneOf([0, 1, 2]);
}

const MORE = /^more (\d+)$/;

/** Options may be counted instead, and then all of them are in the count. */
function expectItem(read: ItemRead, sent: Ticket["items"][number]): void {
  const expected = expectedDetails(sent);
  const cut = read.details.findIndex((detail) => MORE.test(detail));
  if (cut !== -1) {
    const count = Number(MORE.exec(read.details[cut]!)![1]);
    expected.splice(cut, count, { lead: "more", text: String(count), columnsMax: TEXT_MAX });
  }
  const { name, details, ...others } = read;
  expect(others).toEqual({ quantity: sent.quantity, amount: sent.amount });
  expectText(name, sent.name, NAME_MAX);
  expect(details.length).toBe(expected.length);
  for (const [index, { lead, text, columnsMax }] of expected.entries()) {
    expect(details[index]).toMatch(new RegExp(`^${lead} `));
    expectText(details[index]!.slice(lead.length + 1), text, columnsMax);
  }
}

const NOTHING: Ticket["amounts"] = {
  ...{ subtotal: null, discount: null, delivery: null, delivery_tax: null, extra: null },
  ...{ tip: null, tax: null, total: null, refunded: null },
};

/** ISO 4217's digits; `XQZ` is no currency. */
const DIGITS = { JPY: 0, USD: 2, KWD: 3, XQZ: 2 };

/** What sums of floats do to a price on its way into JSON. */
const NOISES: ((price: number) => number)[] = [
  (price) => price,
  (price) => (price * 3) / 3,
  (price) => price + 0.1 - 0.1,
  (price) => (price / 7) * 7,
  (price) => price * 1.1 - price * 0.1,
];

/** A sum of money as the decimal text that must be read, and as the number that FastPOD sends. */
const anySum = (digits: number) =>
  fc.tuple(fc.integer({ min: -1e11, max: 1e11 }), fc.constantFrom(...NOISES)).map(([units, noise]) => {
    const all = String(Math.abs(units)).padStart(digits + 1, "0");
    const text = digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`;
    return { text: units < 0 ? `-${text}` : text, sent: noise(units / 10 ** digits) };
  });

const anyBill = fc.constantFrom(...(["JPY", "USD", "KWD", "XQZ"] as const)).chain((currency) =>
  fc.record({
    currency: fc.constant(currency),
    subtotal: anySum(DIGITS[currency]),
    total: anySum(DIGITS[currency]),
    refunded: anySum(DIGITS[currency]),
    line: anySum(DIGITS[currency]),
  }),
);

describe("plain, markup and order_json", () => {
  test("read back, say the same", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const plain = plainOf(one);
        expect(markupOf(one)).toEqual(plain);
        expect(jsonOf(one)).toEqual(plain);
      }),
      RUNS,
    );
  });

  test("read back, say what the ticket says", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { ticket, marks, printer } = one;
        const { items, more_items, reason, merchant_note, buyer_note, ...told } = plainOf(one);
        expect(told).toEqual(expectedOf(ticket, marks, printer));
        expectText(reason, ticket.reason, TEXT_MAX);
        expectText(merchant_note, ticket.merchant_note, TEXT_MAX);
        expectText(buyer_note, ticket.buyer_note, TEXT_MAX);
        expect(items.length + (more_items ?? 0)).toBe(ticket.items.length);
        // A long order's codes make room for names: all of them or none (order-facts.test.ts demands a short one's).
        const hasCodes = items.some(({ details }) => details.some((detail) => detail.startsWith("sku ")));
        if (more_items !== null) expect(hasCodes).toBe(false);
        for (const [index, read] of items.entries()) {
          const sent = ticket.items[index]!;
          expectItem(read, hasCodes ? sent : { ...sent, sku: null });
        }
      }),
      RUNS,
    );
  });
});

describe("money", () => {
  test("is shown as sent, in its currency's digits and without a float's noise, whether it adds up or not", () => {
    fc.assert(
      fc.property(anyBill, anyStyle, (bill, style) => {
        const { currency, subtotal, total, refunded, line } = bill;
        const read = ({ sent }: { sent: number }) =>
          parseAmount(JSON.parse(JSON.stringify(sent)) as unknown, currency);
        const ticket: Ticket = {
          ...noodles,
          ...{ reason: null, buyer_note: null, shipping_method: null, payment_method: null, store: null },
          order_name: "#1001",
          currency,
          amounts: { ...NOTHING, subtotal: read(subtotal), total: read(total), refunded: read(refunded) },
          buyer: { name: null, phone: null, address: null, town: null },
          items: [item("Qwz", { amount: read(line) })],
        };
        const one = { ticket, marks: MARKS, printer: { ...PRINTER, ...style } };
        for (const slip of [plainOf(one), markupOf(one), jsonOf(one)]) {
          expect(slip.amounts.total).toBe(total.text);
          expect(slip.amounts.subtotal ?? "0").toBe(Number(subtotal.text) === 0 ? "0" : subtotal.text);
          expect(slip.items[0]?.amount).toBe(line.text);
          const isNothing = Number(refunded.text) === 0 && Number(total.text) === 0;
          expect(slip.refund).toEqual(isNothing ? null : { amount: refunded.text, of: total.text });
          expect(slip.currency).toBe(currency);
        }
      }),
      RUNS,
    );
  });
});

describe("bugs found by reading back", () => {
  const text = (ticket: Ticket, more: Partial<PrinterSettings>) =>
    composeOrder(ticket, MARKS, { ...PRINTER, ...more }).order_txt;

  test("a French sum is not broken between its groups, for its beginning would be read as the sum", () => {
    const amounts = { ...noodles.amounts, refunded: "9999999", total: "252670" };
    expect(text({ ...noodles, amounts }, { language: "fr", columns: 30 })).not.toMatch(/ sur 252\n670/);
  });

  test.each(["plain", "markup"] as const)("%s has a plain space in a French quantity", (order_txt) => {
    const items = [item("x", { quantity: "1000" })];
    expect(text({ ...noodles, items }, { language: "fr", order_txt })).not.toContain("\u00a0");
  });

  test("order_json has a plain space before a French colon in an item's detail", () => {
    const items = [item("x", { note: "y" })];
    const { order_json } = composeOrder({ ...noodles, items }, MARKS, { ...PRINTER, language: "fr" });
    expect(order_json.Order[0]?.OrderOption[0]?.o_oName).toBe("Note : y");
  });

  test("that nothing of a payment went back is said where its total is not known, too", () => {
    const amounts = { ...NOTHING, refunded: "0.00" };
    expect(text({ ...noodles, payment: "paid", amounts }, { language: "en" })).toContain("Refund 0.00");
  });

  test("markup does not part an order's number from its sign", () => {
    const items = Array.from({ length: 150 }, () => item("x"));
    const markup = text(
      { ...noodles, order_name: "#5000", items },
      { language: "de", columns: 30, order_txt: "markup" },
    );
    expect(markup).not.toContain("﹟\\r");
  });

  test("OrderId holds no noncharacter", () => {
    expect(composeOrder({ ...noodles, order_id: "1\uffff" }, MARKS, PRINTER).order_id).toBe("1");
  });

  test("a sum that is zero but for a float's noise is zero", () => {
    expect(parseAmount(0.1 + 0.2 - 0.3, "USD")).toBe("0.00");
  });
});
