import type { SlipMarks, Ticket } from "../core/ticket.ts";
import { slipContent, type SlipStyle } from "./content.ts";
import { receiptDocument } from "./document.ts";
import { layOut } from "./layout.ts";
import { renderSvg } from "./svg.ts";

/** The slip as a picture of paper: a standalone SVG with nothing in it that a strict CSP would stop. */
export function slipSvg(ticket: Ticket, marks: SlipMarks, style: SlipStyle): string {
  const content = slipContent(ticket, marks, style);
  const document = receiptDocument(layOut(content, style.columns));
  return renderSvg(document, style.columns, `${content.headline} ${content.order}`, style.language);
}
