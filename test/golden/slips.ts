import type { Language } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { slipSvg } from "../../src/slip/picture.ts";
import { slipText, type SlipStyle } from "../../src/slip/slip.ts";
import * as t from "./tickets.ts";

/** The golden slips: which there are. `npm run golden:update` writes them, the tests only compare. */
const COLUMNS = [30, 32, 42, 48] as const;

interface Case {
  ticket: Ticket;
  marks?: SlipMarks;
  language?: Language;
  customer?: SlipStyle["customer"];
}

const CASES: Readonly<Record<string, Case>> = {
  noodles: { ticket: t.noodles },
  clothes: { ticket: t.clothes, customer: "short" },
  tee: { ticket: t.tee, customer: "none" },
  bare: { ticket: t.bare },
  taipei: { ticket: t.taipei, language: "zh-Hant" },
  bangkok: { ticket: t.bangkok, language: "th" },
  "taipei-late-repeat": { ticket: t.taipei, marks: t.LATE_REPEAT, language: "zh-Hant" },
  "two-hundred": { ticket: t.twoHundred },
  hostile: { ticket: t.hostile },
  late: { ticket: t.noodles, marks: t.LATE },
  "late-repeat": { ticket: t.noodles, marks: t.LATE_REPEAT },
  reprint: { ticket: t.noodles, marks: { ...t.MARKS, reprint: 2 } },
  "printer-test": { ticket: t.printerTest },
  "store-test": { ticket: t.storeTest },
};

const GALLERY: Readonly<Record<string, Case>> = {
  "en-normal": { ticket: t.noodles },
  "zh-hant": { ticket: t.taipei, language: "zh-Hant" },
  "late-repeat": { ticket: t.noodles, marks: t.LATE_REPEAT },
  minimal: { ticket: t.bare },
};

function styleOf(entry: Case, columns: SlipStyle["columns"]): SlipStyle {
  return {
    language: entry.language ?? "en",
    columns,
    time_zone: "Asia/Taipei",
    customer: entry.customer ?? "full",
  };
}

/** @returns path from the project's root → contents */
export function goldenFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, entry] of Object.entries(CASES)) {
    for (const columns of COLUMNS) {
      const style = styleOf(entry, columns);
      files.set(
        `test/golden/slips/${name}.${String(columns)}.txt`,
        slipText(entry.ticket, entry.marks ?? t.MARKS, style),
      );
    }
  }
  for (const [name, entry] of Object.entries(GALLERY)) {
    files.set(`docs/slips/${name}.svg`, slipSvg(entry.ticket, entry.marks ?? t.MARKS, styleOf(entry, 32)));
  }
  return files;
}
