import type { Language } from "../../src/core/settings.ts";
import { columnsByTable } from "../slip/east-asian-width.ts";
import { readPaper, type PaperLine } from "./read-paper.ts";
import type { SlipRead } from "./read-slip.ts";
import { vocabulary } from "./read-words.ts";

/** Reads `order_txt: plain`: a frame of `*`, marks between `!!`, rules of `-` with or without words in them. */
export function readPlain(text: string, language: Language, columns: number): SlipRead {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("does not end with a line feed");
  const frame = "*".repeat(columns);
  const end = lines.indexOf(frame, 1);
  if (lines[0] !== frame || end === -1) throw new Error("has no frame");
  const { rows, number } = withoutBigDigits(lines.slice(1, end).map((line) => inside(line, "*")));

  const told = lines.slice(end + 1).map((line) => lineOf(line, columns));
  const slip = readPaper(rows, told, vocabulary(language), columns);
  if (number !== null && number !== slip.order.replace("#", "")) {
    throw new Error(`the digits show ${number}, the order is ${slip.order}`);
  }
  return slip;
}

function lineOf(line: string, columns: number): PaperLine {
  if (line.startsWith("!!")) return { kind: "mark", text: inside(line, "!!") };
  const caption = /^-+ (.+) -+$/.exec(line)?.[1];
  if (caption !== undefined && columnsByTable(line) === columns) return { kind: "rule", text: caption };
  return line === "-".repeat(columns) ? { kind: "rule", text: "" } : { kind: "row", text: line };
}

function inside(line: string, end: string): string {
  if (!line.startsWith(end) || !line.endsWith(end)) throw new Error(`no ${end} at both ends: ${line}`);
  return line.slice(end.length, -end.length);
}

const DIGIT_ROWS = 5;

/**
 * Five rows of digits and spaces under each other are one number; each of its figures is drawn with itself. The row
 * of the order itself may be digits, too: the five are those that leave it out.
 */
function withoutBigDigits(rows: string[]): { rows: string[]; number: string | null } {
  const found = rows.flatMap((_, first) => {
    const number = drawnNumber(rows.slice(first, first + DIGIT_ROWS));
    return number === null ? [] : [{ rows: rows.toSpliced(first, DIGIT_ROWS), number }];
  });
  const isWritten = ({ rows: rest, number }: (typeof found)[number]) =>
    rest.some((row) => row.trim().replace("#", "") === number);
  return found.find(isWritten) ?? found[0] ?? { rows, number: null };
}

function drawnNumber(rows: readonly string[]): string | null {
  if (rows.length < DIGIT_ROWS || !rows.every((row) => /^[\d ]+$/.test(row))) return null;
  const width = Math.max(...rows.map((row) => row.length));
  const columns = Array.from({ length: width }, (_, index) =>
    [...new Set(rows.map((row) => row[index] ?? " "))].filter((char) => char !== " ").join(""),
  );
  const figures = columns
    .map((column) => (column === "" ? " " : column))
    .join(",")
    .split(/ /)
    .map((figure) => [...new Set(figure.split(",").filter((part) => part !== ""))])
    .filter((figure) => figure.length > 0);
  return figures.every((figure) => figure.length === 1 && figure[0]!.length === 1)
    ? figures.flat().join("")
    : null;
}
