import type { SlipMarks, Ticket } from "../core/ticket.ts";
import { slipContent, type SlipContent, type SlipStyle } from "./content.ts";
import { layOut } from "./layout.ts";
import { layoutText } from "./text.ts";

export type { SlipStyle } from "./content.ts";

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
