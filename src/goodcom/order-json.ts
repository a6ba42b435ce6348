import type { CancelledAmounts, PaymentState } from "../core/cancellation.ts";
import type { PrinterSettings } from "../core/settings.ts";
import { cleanLine } from "../core/text.ts";
import type { Ticket } from "../core/ticket.ts";
import { mapTexts, type MarkContent, type SlipContent } from "../slip/content.ts";
import { detailsOf } from "../slip/items.ts";
import { momentText } from "../slip/moment.ts";
import { printable } from "../slip/printable.ts";
import { printed } from "../slip/width.ts";
import type { OrderJson } from "./api.ts";

/**
 * What the printer lays out by its own template. Made from the same content as the slip, so that it says no less:
 * what has no field of its own goes into `Comment`, which begins with `CANCELLED`.
 *
 * Every value is text, an empty one means absent; times are `HH:mm DD-MM-YYYY` in the printer's zone.
 * @see facts: page "Order Cancel" of the Goodcom Webhook API, read 2026-11; the vendor's PHP package 1.0.0
 */
export function orderJson(ticket: Ticket, content: SlipContent, printer: PrinterSettings): OrderJson {
  const { buyer } = content;
  // As the store sent them: how a language writes a number is for people, not for the printer's template.
  const asSent = (amount: string | null | undefined): string => printable(amount ?? "", printer.language);
  const amount = (name: keyof CancelledAmounts): string => asSent(ticket.amounts[name]);
  const created = momentText(ticket.created_at ?? ticket.cancelled_at, printer.time_zone, MOMENT) ?? "";
  const json: OrderJson = {
    ...createdFields(created, printer.created_key),
    DeliveryType: DELIVERY_TYPES[ticket.handover ?? "delivery"],
    OrderId: cleanLine(ticket.order_id),
    Order: content.items.map((item, index) => ({
      o_title: "",
      o_num: asSent(ticket.items[index]?.quantity),
      o_name: item.name,
      o_amt: asSent(ticket.items[index]?.amount),
      OrderOption: detailsOf(item).map((detail) => ({ o_oName: printed(detail), o_oAmt: "" })),
    })),
    SubTotal: amount("subtotal"),
    DiscountAmt: amount("discount"),
    DiscountTaxes: "",
    DeliveryCharges: amount("delivery"),
    DeliveryTaxes: amount("delivery_tax"),
    ExtraFeeAmt: amount("extra"),
    TotalTaxes: amount("tax"),
    Total: amount("total"),
    PaymentStatus: ticket.payment === null ? "" : PAYMENT_STATUSES[ticket.payment],
    CustName: buyer.name ?? "",
    CustAddr: buyer.address ?? "",
    CustTown: buyer.town ?? "",
    CustPhone: buyer.phone ?? "",
    RequestTime: momentText(ticket.cancelled_at, printer.time_zone, MOMENT) ?? "",
    PaidType: content.payment_method ?? "",
    Comment: comment(content, ticket.payment),
  };
  // The id stands outside too, as it is.
  return { ...mapTexts(json, (text) => text.replace(LINE_ENDS, "%")), OrderId: json.OrderId };
}

/** The vendor writes `%%` here for a line's end: nobody's note begins a line of its own. */
const LINE_ENDS = /%{2,}/g;

/** As the vendor writes a time: `15:30 16-08-2022`. */
const MOMENT = "{h}:{i} {d}-{m}-{y}";

/**
 * The vendor has three words (the third is Reservation) and none for "unknown", and whether it takes an empty one is
 * not published: an unknown handover goes as its example has it, and the slip says nothing of it.
 */
const DELIVERY_TYPES = { delivery: "Delivery", collection: "Collection" } as const;

const PAID = "Order Paid";
const NOT_PAID = "Order Not Paid";
/** The vendor has two words; the exact state stands in `Comment`. Money that came and went was paid. */
const PAYMENT_STATUSES: Record<PaymentState, typeof PAID | typeof NOT_PAID> = {
  paid: PAID,
  refunding: PAID,
  refunded: PAID,
  partially_refunded: PAID,
  unpaid: NOT_PAID,
  partially_paid: NOT_PAID,
  authorized: NOT_PAID,
  failed: NOT_PAID,
};

/** The vendor's example and its template spell the field differently: both, unless the printer is told which. */
function createdFields(
  created: string,
  key: PrinterSettings["created_key"],
): Pick<OrderJson, "Create_time" | "CreateTime"> {
  return {
    ...(key === "CreateTime" ? {} : { Create_time: created }),
    ...(key === "Create_time" ? {} : { CreateTime: created }),
  };
}

/** One line, for line ends are the printer's own language. */
function comment(content: SlipContent, payment: PaymentState | null): string {
  const hasOwnStatus = payment === null || payment === "paid" || payment === "unpaid";
  const headline = content.headline.includes(BANNER) ? null : content.headline;
  const tip = content.amounts.find(({ name }) => name === "tip");
  const total = content.amounts.find(({ name }) => name === "total");
  return [
    BANNER,
    headline,
    content.command,
    ...(content.test === null ? content.marks : [content.test, ...content.marks]).map(markText),
    content.bare.length > 0 ? null : content.order_labelled,
    content.store,
    // RequestTime alone would claim that the store said when.
    content.cancelled_known ? null : content.cancelled,
    content.reason,
    ...content.bare,
    content.more_items,
    ...content.notes,
    content.handover,
    hasOwnStatus ? null : content.payment,
    content.refund,
    tip === undefined ? null : `${tip.label} ${tip.amount}`,
    total === undefined ? content.currency : `${total.label} ${total.amount}`,
    content.problems,
    content.sent,
    content.slip,
  ]
    .filter((text) => text !== null)
    .map((text) => printed(text).replace(BARS, "-"))
    .join(BETWEEN);
}

const BANNER = "CANCELLED";
/** Not one of the characters that the vendor's older formats reserve. */
const BETWEEN = " | ";
/** And what looks like it: a buyer's note is one sentence, and never `… | CANCELLED | Order #1002`. */
const BARS = /[|¦ǀ∣│┃❘❙❚｜]/g;

/** `LATE / 延遲: 6小時27分前, 12:04 取消, 18:31 送出` */
function markText({ contract, word, details }: MarkContent): string {
  const words = contract === word ? word : `${contract} / ${word}`;
  return details.length === 0 ? words : `${words}: ${details.join(", ")}`;
}
