import type { SlipMarks, Ticket } from "../core/ticket.ts";
import { slipContent, type SlipContent, type SlipStyle } from "./content.ts";
import { receiptDocument } from "./document.ts";
import { layOut } from "./layout.ts";
import { renderSvg } from "./svg.ts";
import { layoutText } from "./text.ts";

export type { SlipStyle } from "./content.ts";

/** The slip as a receiptline document: what the picture is drawn from. */
export function slipDocument(ticket: Ticket, marks: SlipMarks, style: SlipStyle): string {
  return receiptDocument(layOut(slipContent(ticket, marks, style), style.columns));
}

/**
 * The slip as plain text.
 *
 * @returns lines ended by `\n`, none wider than `style.columns` (CJK two columns), without control or
 * bidirectional characters. Says `ORDER n CANCELLED` even when nothing else is known. Throws for no ticket.
 */
export function slipText(ticket: Ticket, marks: SlipMarks, style: SlipStyle): string {
  return slipContentText(slipContent(ticket, marks, style), style.columns);
}

/** As `slipText`, of content that is made already. */
export function slipContentText(content: SlipContent, columns: number): string {
  return layoutText(layOut(content, columns));
}

/** The slip as a picture of paper: a standalone SVG with nothing in it that a strict CSP would stop. */
export function slipSvg(ticket: Ticket, marks: SlipMarks, style: SlipStyle): string {
  const content = slipContent(ticket, marks, style);
  const document = receiptDocument(layOut(content, style.columns));
  return renderSvg(document, style.columns, `${content.headline} ${content.order}`, style.language);
}
