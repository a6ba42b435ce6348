import type { CancelledAmounts, PaymentState } from "../../src/core/cancellation.ts";
import type { SlipRead } from "./read-slip.ts";
import {
  CONTRACT,
  CURRENCY,
  literal,
  ORDER,
  PHONE,
  PLATFORM,
  SLIP_ID,
  template,
  TEXT,
  type Vocabulary,
} from "./read-words.ts";

/** One thing that a slip says: how it is recognised, and what it means. */
export interface Field {
  name: string;
  /** With groups, of which `read` gets the texts. */
  pattern: string;
  read(slip: SlipRead, groups: (string | undefined)[]): void;
}

/** What follows a label and a colon. */
const labelled = (label: string, what = TEXT) => `${literal(label)}\\s*:\\s*(${what})`;
const before = (label: string, what: string) => `${literal(label)}\\s*(${what})`;

export function bannerFields({ words }: Vocabulary): Field[] {
  return [
    {
      name: "test",
      pattern: `${literal(words.test)}\\s*:?\\s*${literal(words.not_real)}`,
      read: (slip) => void (slip.is_test = true),
    },
    {
      name: "headline",
      pattern: literal(words.order_cancelled),
      read: (slip) => void (slip.says_cancelled = true),
    },
    { name: "order", pattern: `(${ORDER})`, read: (slip, [order]) => void (slip.order = order ?? "") },
    {
      name: "command",
      pattern: literal(words.do_not_make),
      read: (slip) => void (slip.says_do_not_make = true),
    },
  ];
}

export function markFields({ words, time, timeOf }: Vocabulary): Field[] {
  const spans = SPANS.map((name) => words[name]).map((span) =>
    template(span, { n: "\\d+", h: "\\d+", i: "\\d+", d: "\\d+" }),
  );
  const ago = template(words.ago, { for: `(${spans.join("|")})` });
  const cancelled = template(words.late_cancelled, { at: `(${time})` });
  const sent = template(words.late_sent, { at: `(${time})` });
  return [
    {
      name: "reprint",
      pattern: before(words.reprint, "\\d+"),
      read: (slip, [n]) => void (slip.reprint = Number(n)),
    },
    {
      name: "repeat",
      pattern: literal(words.may_be_repeat),
      read: (slip) => void (slip.may_be_repeat = true),
    },
    {
      name: "late",
      pattern: `${literal(words.late)}\\s*:?\\s*${ago}\\s*,?\\s*${cancelled}\\s*,?\\s*${sent}`,
      read: (slip, [span = "", at = "", later = ""]) => {
        slip.late = { ago: agoOf(span, spans), cancelled: timeOf(at), sent: timeOf(later) };
      },
    },
  ];
}

const SPANS = ["minutes", "hours", "whole_hours", "days", "whole_days"] as const;

/** Which of the forms, and its numbers: `hours 6 27`. */
function agoOf(span: string, spans: readonly string[]): string {
  const form = SPANS.find((_, index) => new RegExp(`^(?:${spans[index]!})$`).test(span));
  return [form, ...(span.match(/\d+/g) ?? [])].join(" ");
}

export function bodyFields(vocabulary: Vocabulary): Field[] {
  const { words, amount, decimal } = vocabulary;
  const states = Object.entries(words.payment) as [PaymentState, string][];
  states.sort(([, a], [, b]) => b.length - a.length);
  const state = (text: string) => states.find(([, word]) => new RegExp(`^${literal(word)}$`).test(text))?.[0];
  const stateSource = states.map(([, word]) => literal(word)).join("|");
  return [
    ...headFields(vocabulary),
    {
      name: "payment",
      pattern: `(${stateSource})(?:\\s*\\(\\s*(${TEXT})\\s*\\))?`,
      read: (slip, [word = "", method = null]) =>
        void (slip.payment = { state: state(word) ?? null, method }),
    },
    {
      name: "payment",
      pattern: labelled(words.paid_by),
      read: (slip, [method = null]) => void (slip.payment = { state: null, method }),
    },
    {
      name: "refund",
      pattern: `${literal(words.refund)}\\s*⟪?(${amount})⟫?`,
      read: (slip, [refund = ""]) => void (slip.refund = { amount: decimal(refund), of: null }),
    },
    {
      name: "refund",
      pattern: template(words.refund_of, {
        refund: `⟪?(${amount})⟫?`,
        total: `⟪?(${amount})⟫?`,
      }),
      // In every language so far the refund comes first.
      read: (slip, [refund = "", total = ""]) =>
        void (slip.refund = { amount: decimal(refund), of: decimal(total) }),
    },
    {
      name: "currency",
      pattern: labelled(words.currency, CURRENCY),
      read: (slip, [code = null]) => void (slip.currency = code),
    },
    ...(Object.entries(words.amounts) as [keyof CancelledAmounts, string][]).map(([name, label]): Field => ({
      name: `amount ${name}`,
      pattern:
        `⟦(${amount})⟧\\s*${literal(label)}(?:\\s*(${CURRENCY}))?` +
        `|${literal(label)}(?:\\s*(${CURRENCY}))?\\s*⟪?(${amount})⟫?`,
      read: (slip, [right, code, otherCode, below]) => {
        const sum = decimal(right ?? below ?? "");
        slip.amounts[name] = name === "discount" ? sum.replace(/^-/, "") : sum;
        if (name === "total") slip.currency = code ?? otherCode ?? null;
      },
    })),
    {
      name: "buyer",
      pattern: `${literal(words.buyer)}\\s*:\\s*((?:\\s*⟪?(?:${TEXT}|${PHONE})⟫?)+)`,
      read: (slip, [all = ""]) =>
        void (slip.buyer = Array.from(all.matchAll(new RegExp(`${TEXT}|${PHONE}`, "g")), ([one]) => one)),
    },
    ...footFields(vocabulary),
  ];
}

function headFields(vocabulary: Vocabulary): Field[] {
  const { words, moment, momentOf } = vocabulary;
  const cancelled = (text: string, known: boolean): Field => ({
    name: "cancelled",
    pattern: template(text, { at: `(${moment})` }),
    read: (slip, [at = ""]) => {
      slip.cancelled = momentOf(at);
      slip.cancelled_known = known;
    },
  });
  return [
    cancelled(words.cancelled, true),
    cancelled(words.cancelled_before, false),
    {
      name: "reason",
      pattern: labelled(words.reason, `${literal(words.not_given)}|${TEXT}`),
      read: (slip, [text = ""]) => {
        if (new RegExp(`^${TEXT}$`).test(text)) slip.reason = text;
        else slip.no_reason = true;
      },
    },
    {
      name: "ordered",
      pattern: template(words.ordered, { at: `(${moment}|${CLOCK})` }),
      read: (slip, [at = ""]) => void (slip.ordered = dayAndClock(at, slip, vocabulary)),
    },
    {
      name: "order cancelled",
      pattern: template(words.order_n_cancelled, { n: `(${ORDER})` }),
      read: (slip, [order]) => {
        if (slip.order !== "" && slip.order !== order) throw new Error(`another order: ${String(order)}`);
        slip.order = order ?? "";
      },
    },
    ...(
      [
        ["all", words.nothing_more],
        ["items", words.no_items],
      ] as const
    ).map(([unknown, text]): Field => ({
      name: "unknown",
      pattern: literal(text),
      read: (slip) => void (slip.unknown = unknown),
    })),
    {
      name: "more items",
      pattern: template(words.more_items, { n: "(\\d+)", order: `⟪?${ORDER}⟫?` }),
      read: (slip, [n]) => void (slip.more_items = Number(n)),
    },
    {
      name: "merchant note",
      pattern: labelled(words.merchant_note),
      read: (slip, [text = null]) => void (slip.merchant_note = text),
    },
    {
      name: "buyer note",
      pattern: labelled(words.buyer_note),
      read: (slip, [text = null]) => void (slip.buyer_note = text),
    },
    ...(["delivery", "collection", "shipping"] as const).map((way): Field => ({
      name: "handover",
      pattern: `${literal(words[way])}(?:\\s*:\\s*(${TEXT}))?`,
      read: (slip, [method = null]) => void (slip.handover = { way, method }),
    })),
  ];
}

const CLOCK = "\\d\\d:\\d\\d";

/** A time alone is of the day of the cancellation. */
function dayAndClock(at: string, { cancelled }: SlipRead, { momentOf }: Vocabulary): string {
  return at.length === "12:04".length ? `${cancelled.slice(0, "2026-11-24".length)} ${at}` : momentOf(at);
}

function footFields(vocabulary: Vocabulary): Field[] {
  const { words, moment } = vocabulary;
  return [
    {
      name: "sent",
      pattern: template(words.sent, { at: `(${moment}|${CLOCK})` }),
      read: (slip, [at = ""]) => void (slip.sent = dayAndClock(at, slip, vocabulary)),
    },
    {
      name: "store",
      pattern: `(${TEXT})(?:\\s*\\((${PLATFORM})\\))?|(${PLATFORM})`,
      read: (slip, [store = null, platform, alone]) => {
        slip.store = store;
        slip.platform = platform ?? alone ?? null;
      },
    },
    {
      name: "order id",
      pattern: before(words.order_id, ORDER),
      read: (slip, [id = ""]) => void (slip.order_id = id),
    },
    {
      name: "problems",
      pattern: literal(words.problems),
      read: (slip) => void (slip.has_problems = true),
    },
    {
      name: "slip",
      pattern: before(words.slip, SLIP_ID),
      read: (slip, [id = null]) => void (slip.slip = id),
    },
    {
      name: "contract",
      pattern: `(${CONTRACT}(?:\\s*,\\s*${CONTRACT})*)`,
      read: (slip, [list = ""]) => void (slip.contract = list.split(/\s*,\s*/).sort()),
    },
  ];
}

/** Details of an item as patterns, each with what it is. */
export function detailFields({ words }: Vocabulary): { kind: string; pattern: string }[] {
  return [
    { kind: "note", pattern: labelled(words.item_note) },
    { kind: "sku", pattern: before("SKU", TEXT) },
    { kind: "more", pattern: template(words.more_options, { n: "(\\d+)" }) },
    { kind: "option", pattern: `(${TEXT})\\s*:\\s*(${TEXT})` },
    { kind: "text", pattern: `(${TEXT})` },
  ];
}
