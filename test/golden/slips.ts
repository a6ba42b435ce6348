import { readdirSync } from "node:fs";
import { join } from "node:path";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import type { SlipMarks } from "../../src/core/ticket.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { slipSvg } from "../../src/slip/picture.ts";
import { slipText } from "../../src/slip/slip.ts";
import { GOODCOM, goldenCases, type Case, type Columns } from "./cases.ts";
import { framed } from "./frame.ts";
import { CASES_SHOWN, galleryPage, LANGUAGES_SHOWN } from "./gallery.ts";
import { MARKS } from "./tickets.ts";

/** The golden files: `npm run golden:update` writes them, the tests only compare. */
const TEXTS = "test/golden/slips";
const PICTURES = "docs/slips";
const ROOT = join(import.meta.dirname, "../..");

/** Sent in time, unless the case says otherwise. */
function marksOf({ ticket, marks }: Case): SlipMarks {
  return marks ?? { ...MARKS, sent_at: ticket.cancelled_at + 4_000 };
}

/** @returns path from the project's root → contents */
export function goldenFiles(): Map<string, string> {
  return new Map([...slipFiles(), ...goodcomFiles(), ...galleryFiles()]);
}

/** @returns the files of the golden folders as they are on disk, by path from the project's root */
export function filesThere(): string[] {
  return [TEXTS, PICTURES].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
  );
}

function slipFiles(): [string, string][] {
  return goldenCases().flatMap(({ name, columns: papers, ...entry }) =>
    papers.map((columns): [string, string] => {
      const language = entry.language === undefined ? "" : `.${entry.language}`;
      const slip = slipText(entry.ticket, marksOf(entry), printerOf(entry, columns));
      return [`${TEXTS}/${name}${language}.${columns}.txt`, framed(slip, columns)];
    }),
  );
}

function goodcomFiles(): [string, string][] {
  return Object.entries(GOODCOM).flatMap(([name, entry]): [string, string][] => {
    const printer: PrinterSettings = { ...printerOf(entry, 32), order_txt: "markup" };
    const order = composeOrder(entry.ticket, marksOf(entry), printer);
    return [
      // The markup's own line end stays; behind it a real one, for people.
      [`${TEXTS}/${name}.markup`, order.order_txt.replaceAll("\\r", "\\r\n")],
      [`${TEXTS}/${name}.order_json`, `${JSON.stringify(order.order_json, null, 2)}\n`],
    ];
  });
}

function galleryFiles(): [string, string][] {
  const svgs = new Map(
    [...LANGUAGES_SHOWN, ...CASES_SHOWN].map(({ name, columns = 32, ...entry }) => [
      name,
      slipSvg(entry.ticket, marksOf(entry), printerOf(entry, columns)),
    ]),
  );
  const pictures = Array.from(svgs, ([name, svg]): [string, string] => [`${PICTURES}/${name}.svg`, svg]);
  return [...pictures, [`${PICTURES}/README.md`, galleryPage(svgs)]];
}

function printerOf(entry: Case, columns: Columns): PrinterSettings {
  const { language = "en", customer = "full", time_zone = "Asia/Taipei" } = entry;
  return printerSchema.parse({ name: "kitchen", api_key: "key", language, customer, time_zone, columns });
}
