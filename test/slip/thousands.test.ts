import fc from "fast-check";
import { expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { slipSvg } from "../../src/slip/picture.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";
import { anyMarks, anyStyle, anyText, FORBIDDEN, ticketOf } from "./arbitrary-ticket.ts";
import { columnsByTable } from "./east-asian-width.ts";

/** Any order that any store could ever send, and worse. Another ten thousand: `SLIP_SEED=<number>`. */
const SEED = Number(process.env.SLIP_SEED ?? 20261128);
const TICKETS = 10_000;
/** Several times what it takes. */
const TIMEOUT_MS = 120_000;
/** A picture takes fifty times a text's time. */
const PICTURE_EVERY = 50;
const LINES_MAX = 250;

const HUGE_CHARS = 10_000_000;
const HUGE_WIDE = "麵".repeat(HUGE_CHARS);
const HUGE_BREAKABLE = "no nuts \u202e".repeat(HUGE_CHARS / 10);
/** Of one letter. */
const HUGE_MARKS = `e${"\u0301".repeat(HUGE_CHARS)}`;

/** Numbers as a store sends them, or as a bug makes them. */
const anyNumber = fc.oneof(
  fc.integer({ min: 0, max: 1200 }).map(String),
  fc.integer({ min: -100_000, max: 100_000_000 }).map((cents) => (cents / 100).toFixed(2)),
  fc.double().map(String),
  fc.constantFrom(
    "1e9",
    "1e99",
    "-0.00",
    "0.5",
    "2.000",
    "1,234.50",
    "999999999999999999999999.99",
    "٣",
    "３",
  ),
);

/** A few made ones over and over: three hundred made one by one would take the whole time. */
function repeated<T>(list: readonly T[], count: number): T[] {
  return Array.from({ length: list.length === 0 ? 0 : count }, (_, index) => list[index % list.length]!);
}

const anyCount = (max: number) =>
  fc.oneof({ weight: 60, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(max) });

const sometimes = <T>(weight: number, arbitrary: fc.Arbitrary<T>, otherwise: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 100 - weight, arbitrary: otherwise }, { weight, arbitrary });

const numbers = fc.record({
  quantity: sometimes(90, anyNumber, anyText),
  amount: sometimes(90, anyNumber, anyText),
  itemCount: anyCount(300),
  optionCount: anyCount(30),
  isNumeric: fc.boolean(),
  huge: sometimes(2, fc.constantFrom(HUGE_WIDE, HUGE_BREAKABLE, HUGE_MARKS), fc.constant(null)),
  hugeWhere: fc.constantFrom("reason" as const, "order_name" as const, "item" as const),
});

/** Most texts are ordinary ones: in an order of nothing but troubles one would hide the other. */
const text = sometimes(
  15,
  anyText,
  fc.constantFrom("Beef noodle soup", "no nuts, please", "招牌牛肉麵", "M / green"),
);

const anyTicket: fc.Arbitrary<Ticket> = fc
  .tuple(ticketOf(text), numbers)
  .map(([ticket, { quantity, amount, itemCount, optionCount, isNumeric, huge, hugeWhere }]): Ticket => {
    const items = repeated(ticket.items, itemCount).map((item, index) => ({
      ...item,
      ...(isNumeric ? { quantity, amount } : {}),
      ...(huge !== null && hugeWhere === "item" && index === 0 ? { name: huge } : {}),
      options: repeated(item.options, optionCount),
    }));
    return {
      ...ticket,
      items,
      amounts: isNumeric ? { ...ticket.amounts, total: amount, refunded: quantity } : ticket.amounts,
      ...(huge !== null && hugeWhere !== "item" ? { [hugeWhere]: huge } : {}),
    };
  });

/** The table is slow: each letter is looked up once. */
const columnsOfChar = new Map<string, number>();
function columnsOf(line: string): number {
  if (/^[ -~]*$/.test(line)) return line.length;
  let columns = 0;
  for (const char of line) {
    let one = columnsOfChar.get(char);
    if (one === undefined) columnsOfChar.set(char, (one = columnsByTable(char)));
    columns += one;
  }
  return columns;
}

function expectPaper(lines: readonly string[], columns: number): void {
  if (lines.length > LINES_MAX) expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
  for (const line of lines) {
    if (columnsOf(line) > columns) expect(columnsOf(line), line).toBeLessThanOrEqual(columns);
  }
}

function expectClean(text: string): void {
  if (FORBIDDEN.test(text)) expect(text).not.toMatch(FORBIDDEN);
}

/** Markup's lines without its marks; big letters take two columns each. */
function markupLines(markup: string): string[] {
  return markup
    .split("\\r")
    .slice(0, -1)
    .map((line) => line.replace(/^\\M\\3(.*)$/, (_, big: string) => big + " ".repeat(columnsOf(big))))
    .map((line) => line.replace(/^(?:\\[-M0123])+/, ""));
}

const PRINTER: PrinterSettings = printerSchema.parse({ name: "kitchen", api_key: "key" });

/** Its text in the one form for which the printer is set, and the fields. */
function expectOrder(ticket: Ticket, marks: SlipMarks, printer: PrinterSettings): void {
  const { order_txt: txt, order_json: order } = composeOrder(ticket, marks, printer);
  expectClean(txt);
  if (printer.order_txt === "plain") expect(txt.endsWith("\n")).toBe(true);
  else if (txt.includes("\n")) expect(txt).not.toContain("\n");
  expectPaper(
    printer.order_txt === "plain" ? txt.slice(0, -1).split("\n") : markupLines(txt),
    printer.columns,
  );

  const json = JSON.stringify(order, (_, value: unknown) => {
    if (typeof value === "string" && value.includes("\n")) expect(value).not.toContain("\n");
    return value;
  });
  expectClean(json);
  expect(order.Comment.startsWith("CANCELLED")).toBe(true);
}

test(
  "ten thousand tickets of any size and text make slips that fit, and nothing throws",
  () => {
    const picture = fc.noBias(fc.nat(PICTURE_EVERY - 1)).map((one) => one === 0);
    // Both texts of every ticket would take half as long again, and both are made from one layout.
    const style = fc
      .tuple(anyStyle, fc.constantFrom("plain" as const, "markup" as const))
      .map(([some, order_txt]): PrinterSettings => ({ ...PRINTER, ...some, order_txt }));
    fc.assert(
      fc.property(anyTicket, anyMarks, style, picture, (ticket, marks, printer, hasPicture) => {
        expectOrder(ticket, marks, printer);
        if (hasPicture) expectClean(slipSvg(ticket, marks, printer));
      }),
      { numRuns: TICKETS, seed: SEED, plugins: [fc.interruptAfterTimeLimit(100_000)] },
    );
  },
  TIMEOUT_MS,
);

test("sixty items with the longest numbers a store can send do not flood the paper", () => {
  const longest = "9".repeat(30);
  const items = Array.from({ length: 60 }, () => item("x", { quantity: longest, amount: longest }));
  const { order_txt } = composeOrder({ ...noodles, items }, MARKS, { ...PRINTER, columns: 30 });
  expectPaper(order_txt.split("\n"), 30);
});
