import type { SlipMarks, Ticket } from "../core/ticket.ts";
import type { SlipStyle } from "./content.ts";
import { slipText } from "./slip.ts";

/** A slip for people to look at. */
export const draw = {
  /** The engine that draws is heavy, and no slip on its way waits for it: loaded with the first picture. */
  svg: async (ticket: Ticket, marks: SlipMarks, style: SlipStyle): Promise<string> =>
    (await import("./picture.ts")).slipSvg(ticket, marks, style),
  text: slipText,
};
