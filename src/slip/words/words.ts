import type { CancelledAmounts, PaymentState } from "../../core/cancellation.ts";

/**
 * Everything a slip says of its own, in one language. Braces name what is filled in. Short: a slip has 30
 * columns, and a cook has one second.
 */
export interface Words {
  /** A calendar day: `{d}` `{m}` `{y}`, or `{b}` for the month's short name. */
  date: string;
  /** The same without the year. */
  day: string;
  /** January to December, for `{b}`; empty where days are written in digits alone, in one order. */
  months: readonly string[];

  order_cancelled: string;
  do_not_make: string;
  /** For a slip that knows nothing but the order: `{n}`. */
  order_n_cancelled: string;
  nothing_more: string;
  /** For a slip that knows more, but not what was ordered. */
  no_items: string;

  /** The kitchen's words for marks; the contract's own (`TEST`, `MAY BE A REPEAT` …) stand at the foot of every slip. */
  test: string;
  not_real: string;
  may_be_repeat: string;
  late: string;
  /** `{at}` is a moment. */
  late_cancelled: string;
  late_sent: string;
  /** How long: under an hour `{n}`, under a day `{h}` `{i}`, from a day on `{d}` `{h}`; whole where the smaller is zero. */
  minutes: string;
  hours: string;
  whole_hours: string;
  days: string;
  whole_days: string;
  /** `{for}` is one of these. */
  ago: string;
  reprint: string;

  /** `{at}` is a moment. */
  cancelled: string;
  /** The store did not say when: before this moment, when we heard of it. */
  cancelled_before: string;
  ordered: string;
  /** When this slip went out: `{at}`. */
  sent: string;
  reason: string;
  /** Of a reason. */
  not_given: string;

  /** `{label}` of this language before `{text}` of anybody. */
  label: string;
  /** Stands for a name of which no printer can print a character. */
  unnamed: string;
  item_note: string;
  merchant_note: string;
  buyer_note: string;
  /** `{n}` more than fit, to be looked up under `{order}`. */
  more_items: string;
  more_options: string;

  delivery: string;
  collection: string;
  shipping: string;

  payment: Record<PaymentState, string>;
  /** Label of the method where the state is unknown. */
  paid_by: string;
  refund: string;
  /** `{refund}` `{total}` */
  refund_of: string;
  amounts: Record<Exclude<keyof CancelledAmounts, "refunded">, string>;
  currency: string;

  buyer: string;
  order: string;
  order_id: string;
  problems: string;
  slip: string;
}

/** A language that is not finished: what it has so far. */
export type SomeWords = Partial<Omit<Words, "payment" | "amounts">> & {
  payment?: Partial<Words["payment"]>;
  amounts?: Partial<Words["amounts"]>;
};

/** Templates taken apart: text, name, text, name, text. There are as many as words. */
const parted = new Map<string, readonly string[]>();

/** @returns the template with each `{name}` replaced; what is filled in is never read as a template */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  let parts = parted.get(template);
  if (parts === undefined) {
    parts = template.split(/\{(\w+)\}/);
    parted.set(template, parts);
  }
  let text = "";
  for (let at = 0; at < parts.length; at += 2) {
    const name = parts[at + 1];
    text += parts[at] ?? "";
    if (name !== undefined) text += values[name] ?? `{${name}}`;
  }
  return text;
}

/** @returns `Reason: …`, as the language puts a label before a text */
export function labelled(words: Words, label: string, text: string): string {
  return fill(words.label, { label, text });
}
