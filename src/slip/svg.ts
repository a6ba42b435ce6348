import { commands, transform, type BaseCommand } from "receiptline";
import { cells, textWidth } from "./width.ts";

/** Pixels: one column, one line, and the baseline above the line's foot. */
const COLUMN = commands.svg.charWidth;
const LINE = COLUMN * 2;
const BASELINE = 6;
/** 0.6 em, the advance of nearly every monospaced font, is one column. */
const FONT_SIZE = COLUMN / 0.6;

/** Pixels of white around the print, and of one tooth of the torn edge. */
const MARGIN = 24;
const TOOTH = 6;

/** Pixels: height of the banner's rounded ends, and of the paper between a warning's black field and its neighbours. */
const CAP = 16;
const GAP = 2;

/** Pixels that black fields overlap: edges that only meet show a white hairline when the picture is scaled. */
const SEAM = 1;

const INK = "#111";

/** The state of receiptline's SVG command that the changes below touch. */
interface SvgState {
  svgWidth: number;
  svgHeight: number;
  svgContent: string;
  lineHeight: number;
  textElement: string;
  textAttributes: Record<string, string>;
  textPosition: number;
  textScale: number;
}

/**
 * Receiptline's picture with these changes: widths are ours; no random id, no web font, no filter (inverse text
 * is a black field with white letters), so that the picture stands alone, is the same every time, and passes a
 * strict Content-Security-Policy; and there is paper around it.
 */
function paper(title: string, language: string): BaseCommand {
  return {
    ...commands.svg,
    measureText: (text) => textWidth(text),
    arrayFrom: (text) => cells(text).map((cell) => cell.text),
    open(this: SvgState, printer) {
      this.svgWidth = (printer.cpl ?? 0) * COLUMN;
      return "";
    },
    iv(this: SvgState) {
      this.textAttributes.fill = "#fff";
      this.textAttributes["font-weight"] = "bold";
      return "";
    },
    text(this: SvgState, text: string) {
      const scale = this.textScale;
      const left = this.textPosition * COLUMN;
      const width = textWidth(text) * scale * COLUMN;
      const height = this.lineHeight * LINE;
      if (this.textAttributes.fill !== undefined) {
        this.textElement += `<rect x="${left}" y="${GAP - height}" width="${width}" height="${height - 2 * GAP}"/>`;
      }
      const attributes = Object.entries(this.textAttributes).map(([name, value]) => ` ${name}="${value}"`);
      const letters = cellElements(text, this.textPosition / scale);
      if (letters !== "")
        this.textElement += `<text y="${-BASELINE}"${attributes.join("")}>${letters}</text>`;
      this.textPosition += textWidth(text) * scale;
      return "";
    },
    vr(this: SvgState, _widths: number[], height: number) {
      const room = height * LINE;
      this.textElement += `<rect y="${-room}" width="${this.svgWidth}" height="${room + SEAM}"/>`;
      return "";
    },
    vrstart(this: SvgState) {
      this.svgContent += `<path d="${cap(this.svgWidth, this.svgHeight + LINE, -1)}"/>`;
      return "";
    },
    vrstop(this: SvgState) {
      this.svgContent += `<path d="${cap(this.svgWidth, this.svgHeight, 1)}"/>`;
      return "";
    },
    em(this: SvgState) {
      this.textAttributes["font-weight"] = "bold";
      return "";
    },
    close(this: SvgState) {
      return sheet(this.svgWidth, this.svgHeight, this.svgContent, title, language);
    },
  };
}

/** The rounded end of the black box around the banner, above (-1) or below (1) a height. */
function cap(width: number, y: number, sign: 1 | -1): string {
  const r = CAP * sign;
  return `M0,${y - SEAM * sign}V${y + r / 2}q0,${r / 2},${CAP / 2},${r / 2}H${width - CAP / 2}q${CAP / 2},0,${CAP / 2},${-r / 2}V${y - SEAM * sign}Z`;
}

/** Each letter in its own column, whatever the font makes of its width. */
function cellElements(text: string, position: number): string {
  let column = position;
  let elements = "";
  for (const cell of cells(text)) {
    // A wide letter is as wide as the font is high, which is a little less than two columns.
    const left = column * COLUMN + (cell.columns === 2 ? COLUMN - FONT_SIZE / 2 : 0);
    if (cell.text !== " ") elements += `<tspan x="${left}">${xml(cell.text)}</tspan>`;
    column += cell.columns;
  }
  return elements;
}

function sheet(width: number, height: number, content: string, title: string, language: string): string {
  const [w, h] = [width + 2 * MARGIN, height + 2 * MARGIN + 2 * TOOTH];
  const edge = outline(w, h);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h + 4}" viewBox="0 0 ${w} ${h + 4}"` +
    ` role="img" xml:lang="${xml(language)}"><title>${xml(title)}</title>` +
    `<path d="${edge}" transform="translate(0,3)" fill="#000" fill-opacity="0.15"/>` +
    `<path d="${edge}" fill="#fff" stroke="#ddd"/>` +
    `<g transform="translate(${MARGIN},${MARGIN + TOOTH})" font-family="monospace" font-size="${FONT_SIZE}"` +
    ` fill="${INK}">${content}</g></svg>\n`
  );
}

/** Torn off above and below, as a roll leaves the printer. */
function outline(width: number, height: number): string {
  const teeth = Math.round(width / (2 * TOOTH));
  const step = (width - 1) / (2 * teeth);
  const across = (sign: 1 | -1): string =>
    Array.from({ length: teeth }, () =>
      [`l${(sign * step).toFixed(3)},${-sign * TOOTH}`, `l${(sign * step).toFixed(3)},${sign * TOOTH}`].join(
        "",
      ),
    ).join("");
  return `M0.5,${TOOTH + 0.5}${across(1)}V${height - TOOTH - 0.5}${across(-1)}Z`;
}

function xml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** @returns a standalone SVG: no script, no style, no reference to anything outside itself */
export function renderSvg(document: string, columns: number, title: string, language: string): string {
  const command = paper(title, language);
  return transform(document, { cpl: columns, encoding: "multilingual", cutting: false, command });
}
