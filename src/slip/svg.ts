import { commands, transform, type BaseCommand } from "receiptline";
import { lettersSvg } from "./letters.ts";
import { COLUMN, LINE, sheet, type SheetOptions } from "./paper.ts";
import { cells, textWidth } from "./width.ts";

/** Dots between a letter's baseline and the foot of its line. */
const BASELINE = 6;
/** In a black field a little deeper: an accent on a capital would stand out of it, white on white. */
const INVERSE_BASELINE = 5;

/** Dots: height of the banner's rounded ends, and of the paper under a warning's black field. */
const CAP = 16;
const GAP = 2;

/** Dots that black fields overlap: edges that only meet show a white hairline when the picture is scaled. */
const SEAM = 1;

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
function picture(options: SheetOptions): BaseCommand {
  return {
    ...commands.svg,
    charWidth: COLUMN,
    measureText: (text) => textWidth(text),
    arrayFrom: (text) => cells(text).map((cell) => cell.text),
    open(this: SvgState) {
      this.svgWidth = options.columns * COLUMN;
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
      const isInverse = this.textAttributes.fill !== undefined;
      if (isInverse) {
        this.textElement += `<rect x="${left}" y="${-height}" width="${width + SEAM}" height="${height - GAP}"/>`;
      }
      const attributes = Object.entries(this.textAttributes).map(([name, value]) => ` ${name}="${value}"`);
      const baseline = ` y="${isInverse ? -INVERSE_BASELINE : -BASELINE}"`;
      this.textElement += lettersSvg(text, this.textPosition / scale, baseline + attributes.join(""));
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
      return sheet(this.svgContent, this.svgHeight, options);
    },
  };
}

/** The rounded end of the black box around the banner, above (-1) or below (1) a height. */
function cap(width: number, y: number, sign: 1 | -1): string {
  const r = CAP * sign;
  return `M0,${y - SEAM * sign}V${y + r / 2}q0,${r / 2},${CAP / 2},${r / 2}H${width - CAP / 2}q${CAP / 2},0,${CAP / 2},${-r / 2}V${y - SEAM * sign}Z`;
}

/** @returns a standalone SVG: no script, no style, no reference to anything outside itself */
export function renderSvg(document: string, columns: number, title: string, language: string): string {
  const command = picture({ columns, title, language });
  return transform(document, { cpl: columns, encoding: "multilingual", cutting: false, command });
}
