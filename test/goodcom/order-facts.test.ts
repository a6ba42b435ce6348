import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { MARKS } from "../golden/tickets.ts";
import { anyMarks, anyStyle, anyText, FORBIDDEN, ticketOf } from "../slip/arbitrary-ticket.ts";

/** Neither order_json nor order_txt may say less than the other: what Goodcom makes of both is not published. */
const PRINTER: PrinterSettings = printerSchema.parse({ name: "kitchen", api_key: "key" });

/** A word no wider than any line, and no part of any other text on the slip. */
const token = fc
  .string({ unit: fc.constantFrom(...Array.from("bcdfghjkmnqvwxz")), minLength: 9, maxLength: 9 })
  .map((letters) => `7${letters}7`);

/** Every text a store sent, wherever in the ticket it is; the order's id is printed where it is not the name. */
function factsOf(ticket: Ticket): string[] {
  // Of problems only the fact is printed; of a currency nothing, where there is no money.
  const { amounts, currency, ...told } = { ...ticket, problems: [] };
  const prices = [...Object.values(amounts), ...told.items.map((entry) => entry.amount)];
  const hasMoney = prices.some((price) => price !== null);
  return textsIn([told, amounts, hasMoney ? currency : null]).filter((text) => text.startsWith("7"));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function everywhere(ticket: Ticket, marks: SlipMarks, printer: PrinterSettings): Record<string, string> {
  return {
    plain: composeOrder(ticket, marks, { ...printer, order_txt: "plain" }).order_txt,
    markup: composeOrder(ticket, marks, { ...printer, order_txt: "markup" }).order_txt,
    json: JSON.stringify(composeOrder(ticket, marks, { ...printer, order_txt: "off" }).order_json),
  };
}

describe("plain, markup and order_json", () => {
  test("each carry every fact of the ticket", () => {
    fc.assert(
      fc.property(ticketOf(token), anyStyle, (ticket, style) => {
        const forms = everywhere(ticket, MARKS, { ...PRINTER, ...style, customer: "full" });
        for (const fact of factsOf(ticket)) {
          for (const [form, text] of Object.entries(forms)) expect(text, form).toContain(fact);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("each carry every mark, with both times", () => {
    fc.assert(
      fc.property(ticketOf(token), anyStyle, fc.integer({ min: 1, max: 99 }), (ticket, style, reprint) => {
        const marks = {
          may_be_repeat: true,
          sent_at: Date.UTC(2026, 0, 2, 3, 4),
          reprint,
          delivery_id: "D1",
        };
        const told = { ...ticket, kind: "test" as const, cancelled_at: Date.UTC(2026, 0, 1, 1, 2) };
        const forms = everywhere(told, marks, { ...PRINTER, ...style, time_zone: "UTC" });
        for (const [form, text] of Object.entries(forms)) {
          for (const mark of [
            "TEST",
            "MAY BE A REPEAT",
            "LATE",
            `REPRINT ${String(reprint)}`,
            "01:02",
            "03:04",
            "D1",
          ]) {
            expect(text, form).toContain(mark);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test("keep the buyer to themselves where the printer says so", () => {
    fc.assert(
      fc.property(ticketOf(token), anyStyle, (ticket, style) => {
        const hidden = everywhere(ticket, MARKS, { ...PRINTER, ...style, customer: "none" });
        const short = everywhere(ticket, MARKS, { ...PRINTER, ...style, customer: "short" });
        const { name, phone, address, town } = ticket.buyer;
        for (const fact of [name, phone, address, town]) {
          if (fact === null) continue;
          for (const text of Object.values(hidden)) expect(text).not.toContain(fact);
          for (const text of Object.values(short)) expect(text.includes(fact)).toBe(fact === name);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("hold no control or bidirectional character, and nothing throws, whatever the ticket", () => {
    fc.assert(
      fc.property(
        ticketOf(anyText),
        anyMarks,
        anyStyle,
        fc.constantFrom("plain" as const, "markup" as const),
        (ticket, marks, style, order_txt) => {
          const order = composeOrder(ticket, marks, { ...PRINTER, ...style, order_txt });
          // A French colon still has its own space in an item's details (forms-agree.test.ts, "bugs").
          const values = textsIn(order.order_json);
          for (const text of [...values, order.order_id]) expect(text).not.toMatch(FORBIDDEN);
          for (const text of [...values, order.order_id]) expect(text).not.toContain("\n");
          expect(order.order_txt).not.toMatch(FORBIDDEN);
          if (order_txt === "markup") {
            expect(order.order_txt).not.toContain("\n");
            expect(order.order_txt.replace(/\\[-rM0123]/g, "")).not.toMatch(/[#*;\\/]/);
          }
          expect(order.order_json.OrderId).toBe(order.order_id);
          expect(order.order_json.Comment).toMatch(/^CANCELLED/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
