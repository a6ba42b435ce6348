import type { PrinterSettings } from "../core/settings.ts";
import type { SlipMarks, Ticket } from "../core/ticket.ts";
import type { PrintOrder } from "./api.ts";
import { slipContent } from "../slip/content.ts";
import { orderJson } from "./order-json.ts";
import { orderTxt } from "./order-txt.ts";

/** The ticket as Goodcom's order, for one printer and one moment. */
export function composeOrder(ticket: Ticket, marks: SlipMarks, printer: PrinterSettings): PrintOrder {
  const content = slipContent(ticket, marks, printer);
  const order_json = orderJson(ticket, content, printer);
  // The same value in both places (facts on Goodcom: OrderId is the top-level order_id).
  return { order_id: order_json.OrderId, order_json, order_txt: orderTxt(content, printer) };
}
