import fc from "fast-check";
import { PAYMENT_STATES, PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";

/** Tickets whose slips can be read back for certain: every text can be told from every label (read-words.ts). */

const letters = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from("qwzkv")), minLength: min, maxLength: max });

const words = (max: number) =>
  fc
    .tuple(letters(1, 4), fc.array(letters(2, 5), { maxLength: max }))
    .map(([first, rest]) => [`Q${first}`, ...rest].join(" "));

const wide = (max: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from("龘麤犇猋")), maxLength: max }).map((rest) => `鱻${rest}`);

const readable = fc.oneof(words(8), wide(25));
/** May be longer than a slip prints. */
const long = fc.oneof(
  { weight: 5, arbitrary: readable },
  { weight: 1, arbitrary: fc.oneof(words(70), wide(200)) },
);

/** A buyer's words, found in no other text: what `customer` hides of him is hidden there, too. */
const buyers = fc.oneof(
  fc
    .tuple(letters(1, 3), fc.array(letters(2, 4), { maxLength: 4 }))
    .map(([first, rest]) => [`Qj${first}`, ...rest.map((word) => `j${word}`)].join(" ")),
  wide(24).map((text) => text.replace("鱻", "鱻驫")),
);

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 3 });
const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), minLength: min, maxLength: max });

const orderName = fc.oneof(
  digits(1, 10).map((n) => `#${n}`),
  digits(1, 9),
  words(3),
  wide(20),
);

/** Decimal text with 0, 2 or 3 digits, some zero, some negative. */
const amountOf = (...units: fc.Arbitrary<bigint>[]) =>
  fc
    .tuple(fc.oneof(fc.constant(0n), ...units), fc.constantFrom(0, 2, 3), fc.nat(9))
    .map(([n, places, sign]) => {
      const all = n.toString().padStart(places + 1, "0");
      const text = places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`;
      return sign === 0 && n !== 0n ? `-${text}` : text;
    });
/** The sentence of the refund holds two of them, and takes two lines at most. */
const sum = amountOf(fc.bigInt(1n, 10n ** 10n));
/** Some too wide for the column of amounts. */
const amount = amountOf(fc.bigInt(1n, 10_000_000n), fc.bigInt(1n, 10n ** 18n));

const option = fc.record({ name: maybe(words(2)), value: long });
const item = fc.record({
  quantity: fc.option(
    fc.oneof(fc.integer({ min: 1, max: 99 }).map(String), fc.constantFrom("0.5", "1000", "12345")),
  ),
  name: long,
  variant: maybe(long),
  sku: maybe(words(1)),
  options: fc.oneof(
    { weight: 6, arbitrary: fc.array(option, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(option, { minLength: 15, maxLength: 30 }) },
  ),
  note: maybe(long),
  amount: maybe(amount),
});

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const moment = fc.integer({ min: Date.UTC(2002, 0, 1), max: Date.UTC(2198, 0, 1) });

const readableTicket: fc.Arbitrary<Ticket> = fc
  .record({
    kind: fc.constantFrom("cancellation" as const, "cancellation" as const, "test" as const),
    platform: fc.option(fc.constantFrom(...PLATFORM_NAMES)),
    store: fc.option(readable),
    // Empty: the same as the name.
    order_id: fc.oneof(fc.constant(""), digits(17, 17), words(2)),
    order_name: orderName,
    created_at: fc.option(fc.integer({ min: 0, max: 2 * DAY_MINUTES })),
    cancelled_at: moment,
    cancelled_at_known: fc.boolean(),
    reason: maybe(long),
    merchant_note: maybe(long),
    buyer_note: maybe(long),
    handover: fc.constantFrom("delivery" as const, "collection" as const, null),
    shipping_method: maybe(readable),
    payment: fc.option(fc.constantFrom(...PAYMENT_STATES)),
    payment_method: maybe(readable),
    currency: maybe(fc.constantFrom("USD", "JPY", "KWD", "XYZ")),
    amounts: fc.record({
      subtotal: maybe(amount),
      discount: maybe(amount),
      delivery: maybe(amount),
      delivery_tax: maybe(amount),
      extra: maybe(amount),
      tip: maybe(amount),
      tax: maybe(amount),
      total: maybe(sum),
      refunded: maybe(sum),
    }),
    buyer: fc.record({
      name: maybe(buyers),
      phone: maybe(digits(9, 10)),
      address: maybe(buyers),
      town: maybe(buyers),
    }),
    items: fc.oneof(
      { weight: 8, arbitrary: fc.array(item, { maxLength: 4 }) },
      { weight: 1, arbitrary: fc.array(item, { minLength: 20, maxLength: 80, size: "max" }) },
    ),
    problems: fc.array(fc.constant("items"), { maxLength: 1 }),
  })
  .map((ticket) => ({
    ...ticket,
    order_id: ticket.order_id === "" ? ticket.order_name : ticket.order_id,
    created_at: ticket.created_at === null ? null : ticket.cancelled_at - ticket.created_at * MINUTE_MS,
  }));

const anyMarks = fc.record({
  may_be_repeat: fc.boolean(),
  /** After the cancellation; before it by a store's clock that is fast. */
  sent_after_ms: fc.oneof(
    fc.integer({ min: -5 * MINUTE_MS, max: 10 * MINUTE_MS }),
    fc.constantFrom(10 * MINUTE_MS, 10 * MINUTE_MS + 1),
    fc.integer({ min: 10 * MINUTE_MS, max: 5 * DAY_MINUTES * MINUTE_MS }),
    fc.integer({ min: 1, max: 120 }).map((hours) => hours * 60 * MINUTE_MS),
  ),
  reprint: fc.option(fc.integer({ min: 1, max: 99 })),
  delivery_id: fc.constantFrom("01KAV3T0M8Q4ZC9XW2N7R5HJ6B", "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
});

/** A ticket, and what an attempt adds to it. */
export const readableSlip: fc.Arbitrary<{ ticket: Ticket; marks: SlipMarks }> = fc
  .tuple(readableTicket, anyMarks)
  .map(([ticket, { sent_after_ms, ...marks }]) => ({
    ticket,
    marks: { ...marks, sent_at: ticket.cancelled_at + sent_after_ms },
  }));
