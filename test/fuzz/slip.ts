import assert from "node:assert/strict";
import fc from "fast-check";
import { printerSchema } from "../../src/core/settings.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { slipSvg } from "../../src/slip/picture.ts";
import { anyMarks, anyStyle, FORBIDDEN } from "../slip/arbitrary-ticket.ts";
import { columnsByTable } from "../slip/east-asian-width.ts";
import { assertHarmless, assertUnpolluted, target } from "./target.ts";
import { anySource, ticketFrom } from "./tickets.ts";

const PRINTER = printerSchema.parse({ name: "kitchen", api_key: "key" });

/**
 * Items take 60 lines, the first alone up to 30 more; some 25 other texts take at most 240 columns, which is 16
 * lines of 30 columns where words break badly.
 */
const LINES_MAX = 500;
/** The same, at 48 columns of four bytes. */
const ORDER_BYTES_MAX = LINES_MAX * 48 * 4;

const KEYS = new Set(
  `Create_time CreateTime DeliveryType OrderId Order SubTotal DiscountAmt DiscountTaxes DeliveryCharges DeliveryTaxes
  ExtraFeeAmt TotalTaxes Total PaymentStatus CustName CustAddr CustTown CustPhone RequestTime PaidType Comment
  o_title o_num o_name o_amt OrderOption o_oName o_oAmt`.split(/\s+/),
);

const input = fc.record({
  source: anySource,
  marks: anyMarks,
  style: anyStyle,
  created_key: fc.constantFrom("both" as const, "Create_time" as const, "CreateTime" as const),
});

/** The table is slow, and most lines are ASCII: one column a letter. */
const columnsOf = (line: string): number => (/^[ -~]*$/.test(line) ? line.length : columnsByTable(line));

function assertPlain(text: string, columns: number): void {
  assert.ok(text.endsWith("\n"));
  const lines = text.slice(0, -1).split("\n");
  assert.ok(lines.length <= LINES_MAX, `${String(lines.length)} lines`);
  for (const line of lines) {
    assert.ok(line !== "" && columnsOf(line) <= columns, `wider than the paper: ${line}`);
    assert.ok(!FORBIDDEN.test(line), JSON.stringify(line));
  }
}

/** @see facts on Goodcom: format marks of the vendor's SDK, and what its formats reserve */
function assertMarkup(text: string): void {
  assertHarmless(text);
  assert.ok(text.endsWith("\\r"));
  assert.ok(!/[\\#*;/]/.test(text.replace(/\\[rMR0123-]/g, "")), "a stranger's letter is markup");
}

function assertJson(value: unknown): void {
  const inner: unknown[] = [value];
  for (let part = inner.pop(); part !== undefined; part = inner.pop()) {
    if (Array.isArray(part)) inner.push(...(part as unknown[]));
    else if (typeof part === "object" && part !== null) {
      for (const key of Object.keys(part)) assert.ok(KEYS.has(key), key);
      inner.push(...Object.values(part));
    } else assert.equal(typeof part, "string");
  }
  assertHarmless(value);
  assertUnpolluted(value);
}

/** A slip in its three forms: as lines, as the vendor's markup, as fields. */
export const slipTarget = target({
  name: "slip",
  input,
  runs: 150,
  hold({ source, marks, style, created_key }) {
    const ticket = ticketFrom(source);
    const printer = { ...PRINTER, ...style, created_key };
    const [plain, markup, off] = (["plain", "markup", "off"] as const).map((order_txt) =>
      composeOrder(ticket, marks, { ...printer, order_txt }),
    );
    assertPlain(plain!.order_txt, style.columns);
    assertMarkup(markup!.order_txt);
    assert.equal(off!.order_txt, "");
    assert.deepEqual(plain!.order_json, markup!.order_json);
    assert.deepEqual(plain!.order_json, off!.order_json);
    assertJson(off!.order_json);
    assert.ok(off!.order_json.Comment.startsWith("CANCELLED"));
    for (const order of [plain, markup])
      assert.ok(Buffer.byteLength(JSON.stringify(order)) <= ORDER_BYTES_MAX);
  },
});

/** Some 200 bytes of elements around each letter. */
const SVG_BYTES_MAX = ORDER_BYTES_MAX * 50;

const ELEMENT =
  /<(?:svg|\/svg|title|\/title|desc|\/desc|path|\/path|g|\/g|rect|\/rect|text|\/text|tspan|\/tspan)(?:\s[\w:-]+="[^"<>]*")*\s*\/?>/g;

/** A slip as a picture: letters and lines alone, nothing that runs, loads or refers. */
export const pictureTarget = target({
  name: "picture",
  input,
  runs: 40,
  hold({ source, marks, style }) {
    const svg = slipSvg(ticketFrom(source), marks, style);
    assert.ok(!FORBIDDEN.test(svg));
    assert.ok(Buffer.byteLength(svg) <= SVG_BYTES_MAX);
    assert.ok(svg.startsWith("<svg ") && svg.trimEnd().endsWith("</svg>"));
    const elements = svg.match(ELEMENT) ?? [];
    assert.ok(!/[<>]/.test(svg.replace(ELEMENT, "")), "another element than letters and lines");
    assert.ok(!/\s(?:on\w+|style|(?:xlink:)?href)=|url\(/i.test(elements.join("")));
  },
});
