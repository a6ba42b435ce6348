import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";
import { anyStyle } from "../slip/arbitrary-ticket.ts";
import { expectedItem, expectedOf } from "./read-expected.ts";
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
const RUNS = { numRuns: 500, endOnFailure: true };

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

/** A text may end in dots, and then it is the beginning of what was sent. */
function expectText(read: string | null, sent: string | null): void {
  if (read?.endsWith("...") !== true) expect(read).toBe(sent);
  else expect(sent).toMatch(new RegExp(`^${read.slice(0, -3).trimEnd()}`));
}

const MORE = /^more (\d+)$/;

/** Options may be counted instead, and then all of them are in the count. */
function expectItem(read: ItemRead, sent: Ticket["items"][number]): void {
  const expected = expectedItem(sent);
  const cut = read.details.findIndex((detail) => MORE.test(detail));
  if (cut !== -1) {
    const count = Number(MORE.exec(read.details[cut]!)![1]);
    expected.details.splice(cut, count, `more ${String(count)}`);
  }
  expect(read).toEqual(expected);
}

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
        expectText(reason, ticket.reason);
        expectText(merchant_note, ticket.merchant_note);
        expectText(buyer_note, ticket.buyer_note);
        expect(items.length + (more_items ?? 0)).toBe(ticket.items.length);
        for (const [index, read] of items.entries()) expectItem(read, ticket.items[index]!);
      }),
      RUNS,
    );
  });
});
