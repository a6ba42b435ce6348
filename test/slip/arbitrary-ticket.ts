import fc from "fast-check";
import { PAYMENT_STATES, PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { LANGUAGES } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import type { SlipStyle } from "../../src/slip/slip.ts";

/**
 * Controls (but the line's own end), the space that does not break, bidirectional and zero-width marks, line
 * separators, noncharacters.
 */
export const FORBIDDEN =
  /[^\P{Cc}\n]|[\u00a0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]|\p{Cs}/u;

/** What printers, receiptline and Goodcom obey, and what letters do besides standing in a row. */
const TROUBLES = [
  ...[
    "\u001b@",
    "\u001bd\u0005",
    "\u001dV\u0000",
    "\u001b[2J",
    "\u0007",
    "\t",
    "\r\n",
    "\n\n",
    "\u0085",
    "\u2028",
  ],
  ...["\\r", "\\-\\r", "\\M\\3", "\\R", "%%", "#1*2*3;4#", "/", "﹟﹡﹔﹨／"],
  ...[
    "{code:1}",
    "{image:iVBORw0KGgo=}",
    "{width:0}",
    "{border:line}",
    "|",
    "^^^",
    "`x`",
    "---",
    "===",
    "~",
    "_",
  ],
  ...[
    "קפה עם חלב",
    "شاورما دجاج",
    "السلام‎ عليكم",
    "\u202egnp.exe\u202c",
    "\u2066\u2069",
    "\u200f",
    "\ufeff",
  ],
  ...["👨‍👩‍👧‍👦", "🏴‍☠️", "👍🏽", "🇹🇼🇯🇵", "1️⃣", "🍜🔥🥜", "❤️", "\u200d\u200d", "\ufe0f"],
  ...[
    "e\u0301",
    `Z${"\u0335\u0321\u0300".repeat(30)}`,
    "\u0301",
    "\u20dd",
    "ก็็็็็",
    "क्षि",
    "\u1112\u1161\u11ab",
    "\u1100\u1100\u1161",
  ],
  ...["\ud800", "\udfff\ud83c", "\ue000", "\uffff", "\u3164", "\u2800", "\u00ad", "\u00a0", "\u3000"],
  ...[
    "1e9",
    "-0",
    "NaN",
    "-12.50",
    "0.30000000000000004",
    "9007199254740993",
    "null",
    "undefined",
    "[object Object]",
  ],
  ...["麵", "W", " "],
];

/** Anything a store's body, or a bug in reading it, could put into a text. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...TROUBLES), { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom(...Array.from("|{}~_\"`^\\-=#*;/<>&'!\r\n\t \u0007\u001b\u202e\u200b\u00a0")),
    maxLength: 30,
  }),
  fc.string({ unit: fc.constantFrom(...Array.from("招牌牛肉麵ก๋วยเตี๋ยว한국어がぎ🍜é́가")), maxLength: 80 }),
  fc.constantFrom(
    "\u1100".repeat(40),
    "W".repeat(600),
    "麵".repeat(600),
    "---",
    "===",
    "{width:0}",
    "\\x1b@",
    "\\n",
  ),
);

/** Everything of a ticket, given how to make its texts. */
export function ticketOf(text: fc.Arbitrary<string>): fc.Arbitrary<Ticket> {
  const maybe = fc.option(text);
  const moment = fc.integer({ min: Date.UTC(2001, 0, 1), max: Date.UTC(2199, 0, 1) });
  const wildMoment = fc.oneof(moment, fc.maxSafeInteger());
  const item = fc.record({
    quantity: maybe,
    name: text,
    variant: maybe,
    sku: maybe,
    options: fc.array(fc.record({ name: maybe, value: text }), { maxLength: 4 }),
    note: maybe,
    amount: maybe,
  });
  return fc.record({
    kind: fc.constantFrom("cancellation" as const, "test" as const),
    platform: fc.option(fc.constantFrom(...PLATFORM_NAMES)),
    store: maybe,
    order_id: text,
    order_name: text,
    created_at: fc.option(wildMoment),
    cancelled_at: wildMoment,
    cancelled_at_known: fc.boolean(),
    reason: maybe,
    merchant_note: maybe,
    buyer_note: maybe,
    handover: fc.constantFrom("delivery" as const, "collection" as const, null),
    shipping_method: maybe,
    payment: fc.option(fc.constantFrom(...PAYMENT_STATES)),
    payment_method: maybe,
    currency: maybe,
    amounts: fc.record({
      subtotal: maybe,
      discount: maybe,
      delivery: maybe,
      delivery_tax: maybe,
      extra: maybe,
      tip: maybe,
      tax: maybe,
      total: maybe,
      refunded: maybe,
    }),
    buyer: fc.record({ name: maybe, phone: maybe, address: maybe, town: maybe }),
    items: fc.array(item, { maxLength: 5 }),
    problems: fc.array(text, { maxLength: 2 }),
  });
}

export const anyMarks: fc.Arbitrary<SlipMarks> = fc.record({
  may_be_repeat: fc.boolean(),
  sent_at: fc.maxSafeInteger(),
  reprint: fc.option(fc.integer({ min: 1, max: 99 })),
  delivery_id: fc.oneof(fc.constant("01KAV3T0M8Q4ZC9XW2N7R5HJ6B"), anyText),
});

export const anyStyle: fc.Arbitrary<SlipStyle> = fc.record({
  language: fc.constantFrom(...LANGUAGES),
  columns: fc.constantFrom(30 as const, 32 as const, 42 as const, 48 as const),
  time_zone: fc.constantFrom("Asia/Taipei", "UTC", "America/St_Johns", "Pacific/Chatham"),
  customer: fc.constantFrom("full" as const, "short" as const, "none" as const),
});
