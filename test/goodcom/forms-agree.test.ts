import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { anyStyle } from "../slip/arbitrary-ticket.ts";
import { readJson } from "./read-json.ts";
import { readMarkup } from "./read-markup.ts";
import { readPlain } from "./read-plain.ts";
import type { SlipRead } from "./read-slip.ts";
import { readableSlip } from "./read-tickets.ts";

/**
 * The three forms of one order, each read back by a reader that knows nothing of how it was made. Goodcom does not
 * say which of them it prints (facts on Goodcom), so all must say the same.
 */
const PRINTER: PrinterSettings = printerSchema.parse({ name: "kitchen", api_key: "key" });

interface Case {
  ticket: Ticket;
  marks: SlipMarks;
  printer: PrinterSettings;
}

const anyCase: fc.Arbitrary<Case> = fc
  .tuple(readableSlip, anyStyle)
  .map(([slip, style]) => ({ ...slip, printer: { ...PRINTER, ...style } }));

function readAll({ ticket, marks, printer }: Case): { plain: SlipRead; markup: SlipRead; json: SlipRead } {
  const plain = composeOrder(ticket, marks, { ...printer, order_txt: "plain" });
  const markup = composeOrder(ticket, marks, { ...printer, order_txt: "markup" });
  const json = readJson(
    JSON.parse(JSON.stringify(plain.order_json)) as Record<string, unknown>,
    printer.language,
  );
  return {
    plain: readPlain(plain.order_txt, printer.language, printer.columns),
    markup: readMarkup(markup.order_txt, printer.language, printer.columns),
    // The vendor's field of the order's time may not be empty: without one it repeats the cancellation's.
    json: ticket.created_at === null ? { ...json, ordered: null } : json,
  };
}

describe("plain, markup and order_json", () => {
  test("read back, say the same", () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { plain, markup, json } = readAll(one);
        expect(markup).toEqual(plain);
        expect(json).toEqual(plain);
      }),
      { numRuns: 1000, endOnFailure: true },
    );
  });
});
