import type { Language } from "../../src/core/settings.ts";
import { bannerFields, bodyFields, markFields } from "./read-fields.ts";
import { detailsOf, scan } from "./read-scan.ts";
import { nothingRead, type SlipRead } from "./read-slip.ts";
import { CONTRACT, literal, ORDER, vocabulary, type Vocabulary } from "./read-words.ts";

type Json = Record<string, unknown>;

/** Reads `order_json` as parsed from its JSON: its fields, and the sentences of `Comment` between ` | `. */
export function readJson(json: Json, language: Language): SlipRead {
  const slip = nothingRead();
  const words = vocabulary(language);
  slip.order_id = textAt(json, "OrderId");
  slip.cancelled = momentOf(textAt(json, "RequestTime"));
  slip.cancelled_known = true;
  slip.ordered = momentOf(textAt(json, "Create_time"));
  slip.items = (json.Order as Json[]).map((line) => ({
    quantity: textAt(line, "o_num") || null,
    name: textAt(line, "o_name"),
    details: (line.OrderOption as Json[]).flatMap((option) => detailsOf(textAt(option, "o_oName"), words)),
    amount: textAt(line, "o_amt") || null,
  }));
  readAmounts(slip, json);
  slip.buyer = ["CustName", "CustPhone", "CustAddr", "CustTown"]
    .map((key) => textAt(json, key))
    .filter((text) => text !== "");
  readComment(slip, textAt(json, "Comment"), words);
  readPayment(slip, json);
  const way = slip.handover?.way === "collection" ? "Collection" : "Delivery";
  if (textAt(json, "DeliveryType") !== way) throw new Error(`DeliveryType is not ${way}`);
  return slip;
}

function textAt(json: Json, key: string): string {
  const value = json[key];
  if (typeof value !== "string") throw new Error(`${key} is no text`);
  return value;
}

/** `12:04 24-11-2026` */
function momentOf(text: string): string {
  const [, time, day, month, year] = /^(\d\d:\d\d) (\d\d)-(\d\d)-(\d{4})$/.exec(text) ?? [];
  if (year === undefined) throw new Error(`no moment: ${text}`);
  return `${year}-${month ?? ""}-${day ?? ""} ${time ?? ""}`;
}

const AMOUNTS = {
  subtotal: "SubTotal",
  discount: "DiscountAmt",
  delivery: "DeliveryCharges",
  delivery_tax: "DeliveryTaxes",
  extra: "ExtraFeeAmt",
  tax: "TotalTaxes",
  total: "Total",
};

function readAmounts(slip: SlipRead, json: Json): void {
  for (const [name, key] of Object.entries(AMOUNTS)) {
    const amount = textAt(json, key);
    const isZero = /^[0.]*$/.test(amount);
    if (amount === "" || (name !== "total" && isZero)) continue;
    slip.amounts[name] = name === "discount" ? amount.replace(/^-/, "") : amount;
  }
}

function readComment(slip: SlipRead, comment: string, vocabulary: Vocabulary): void {
  const { words } = vocabulary;
  const said = new Set<string>();
  const known = slip.amounts.total;
  const fields = [
    ...bannerFields(vocabulary).filter(({ name }) => name !== "order"),
    ...markFields(vocabulary),
    ...bodyFields(vocabulary).filter(({ name }) => name !== "contract"),
    {
      name: "order",
      pattern: `${literal(words.order)}\\s*(${ORDER})`,
      read: (into: SlipRead, [order = ""]: (string | undefined)[]) => void (into.order = order),
    },
  ];
  const [banner, ...parts] = comment.split(" | ");
  if (banner !== "CANCELLED") throw new Error("does not begin with CANCELLED");
  slip.says_cancelled = true;
  said.add("headline");
  for (const [index, part] of parts.entries()) {
    if (index === 0 && new RegExp(`^${literal(words.order_cancelled)}$`).test(part)) continue;
    const contract = new RegExp(`^${CONTRACT}`).exec(part)?.[0];
    if (contract !== undefined) slip.contract.push(contract);
    const rest = part.replace(new RegExp(`^${CONTRACT} / `), "");
    scan(slip, rest, fields, said);
  }
  slip.contract.sort();
  if (known !== slip.amounts.total)
    throw new Error(`two totals: ${String(known)}, ${String(slip.amounts.total)}`);
}

const STATUS: Readonly<Record<string, string>> = { "Order Paid": "paid", "Order Not Paid": "unpaid" };
/** States of which the vendor's two words are the whole truth, or the nearest to it. */
const NEAREST: Readonly<Record<string, string>> = {
  partially_paid: "unpaid",
  authorized: "unpaid",
  failed: "unpaid",
  refunding: "paid",
  refunded: "paid",
  partially_refunded: "paid",
};

function readPayment(slip: SlipRead, json: Json): void {
  const method = textAt(json, "PaidType") || null;
  const status = STATUS[textAt(json, "PaymentStatus")] ?? null;
  const told = slip.payment?.state ?? null;
  if (told !== null && NEAREST[told] !== status) throw new Error(`${told} is not ${String(status)}`);
  if (slip.payment !== null && slip.payment.method !== method) throw new Error("two methods of payment");
  const state = told ?? status;
  slip.payment = state === null && method === null ? null : { state, method };
}
