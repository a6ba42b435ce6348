import { describe, expect, test } from "vitest";
import { besideEachOther, paper } from "../../src/cli/paper.ts";
import { shortTime, table } from "../../src/cli/table.ts";

const ID = "01JBQ2W3XK9V7T5R3P1M0N8H6G";
const COLUMNS = [
  { header: "delivery" },
  { header: "order", min: 6 },
  { header: "state" },
  { header: "last error", optional: true, min: 10 },
];

describe("table", () => {
  test("is as wide as it needs where it is not on a terminal", () => {
    expect(table(COLUMNS, [[ID, "#1001", "dead", "refused: unknown key"]], { width: null })).toEqual([
      "delivery                    order  state  last error",
      "01JBQ2W3XK9V7T5R3P1M0N8H6G  #1001  dead   refused: unknown key",
    ]);
  });

  test("cuts the widest column that may give, never the id", () => {
    expect(table(COLUMNS, [[ID, "#1001-of-a-long-name", "dead", "no"]], { width: 61 })).toEqual([
      "delivery                    order           state  last error",
      "01JBQ2W3XK9V7T5R3P1M0N8H6G  #1001-of-a-lo…  dead   no",
    ]);
  });

  test("bug: an optional column for which there is no room was left out; it is told below", () => {
    const rows = [
      [ID, "#1001", "dead", "refused by the cloud: code 4001: printer is offline"],
      [ID, "#1002", "printed", ""],
    ];
    expect(table(COLUMNS, rows, { width: 50 })).toEqual([
      "delivery                    order  state",
      "01JBQ2W3XK9V7T5R3P1M0N8H6G  #1001  dead",
      "    last error: refused by the cloud: code 4001:",
      "    printer is offline",
      "01JBQ2W3XK9V7T5R3P1M0N8H6G  #1002  printed",
    ]);
  });

  test("below a row stands nothing that says nothing", () => {
    const columns = [{ header: "delivery" }, { header: "tries", optional: true, usual: ["1"] }];
    const rows = [["1"], ["-"], ["2"]].map(([tries = ""]) => [ID, tries]);
    expect(table(columns, rows, { width: 30 })).toEqual(["delivery", ID, ID, ID, "    tries: 2"]);
  });

  test("bug: what a list is there for was cut; a text goes on in its column", () => {
    const columns = [{ header: "state" }, { header: "alert", min: 20, wraps: true }, { header: "told" }];
    const text = "Order #1001: the cancellation will not print";
    expect(table(columns, [["open", text, "-"]], { width: 36 })).toEqual([
      "state  alert                    told",
      "open   Order #1001: the         -",
      "       cancellation will not",
      "       print",
    ]);
    // What reads a pipe has one line for each row.
    expect(table(columns, [["open", text, "-"]], { width: null })).toHaveLength(2);
  });

  test("a text in Chinese goes on between its characters, and no line is wider than the terminal", () => {
    const columns = [{ header: "id" }, { header: "why", min: 20, wraps: true }];
    const lines = table(columns, [[ID, "訂單已經取消並且退款了"]], { width: 40 });
    expect(lines.slice(1)).toEqual([`${ID}  訂單已經取消`, `${" ".repeat(28)}並且退款了`]);
  });

  test("aligns Chinese, whose characters take two columns", () => {
    const columns = [{ header: "order" }, { header: "state" }];
    expect(
      table(
        columns,
        [
          ["取消一", "dead"],
          ["abcdef", "void"],
        ],
        { width: null },
      ),
    ).toEqual(["order   state", "取消一  dead", "abcdef  void"]);
  });

  test("no cell drives the terminal", () => {
    const [, line] = table([{ header: "why" }], [["a\u001b[31mred\u0007\nb\u202ec"]], { width: null });
    expect(line).toBe("ared bc");
  });

  test("a style sees the padded cell, its row and its column", () => {
    const style = (text: string, row: number, column: number): string => `<${row}.${column}:${text}>`;
    expect(table([{ header: "a" }, { header: "b" }], [["xxx", "y"]], { width: null, style })).toEqual([
      "<-1.0:a  >  <-1.1:b>",
      "<0.0:xxx>  <0.1:y>",
    ]);
  });
});

test("a slip lies in a frame of its paper's width", () => {
  expect(paper("CANCELLED\n取消\n", 10)).toEqual([
    "┌────────────┐",
    "│ CANCELLED  │",
    "│ 取消       │",
    "└╵╷╵╷╵╷╵╷╵╷╵╷┘",
  ]);
});

test("a terminal shows the slip's frame and its marks apart from the rest", () => {
  const slip = "***\n*1*\n***\n!!LATE!!\nWhy\n!!not a mark!!\n";
  const rows = paper(slip, 3, (row) => row.toUpperCase().replaceAll(" ", "_"));
  expect(rows.filter((row) => row.includes("_")).map((row) => row.replace(/[│_]+/g, ""))).toEqual([
    ...["***", "*1*", "***", "!!LATE!!"],
  ]);
  expect(paper("*\nno frame\n", 3, () => "never").join()).not.toContain("never");
});

test("papers lie beside each other as far as the terminal goes", () => {
  const a = ["┌─┐", "└─┘"];
  const b = ["┌──┐", "│取│", "└──┘"];
  const c = ["┌┐", "└┘"];
  expect(besideEachOther([a, b, c], 10)).toEqual(["┌─┐  ┌──┐", "└─┘  │取│", "     └──┘", "┌┐", "└┘"]);
  expect(besideEachOther([a, b, c], 13)).toEqual(["┌─┐  ┌──┐  ┌┐", "└─┘  │取│  └┘", "     └──┘"]);
  expect(besideEachOther([a, c], null)).toEqual(["┌─┐", "└─┘", "┌┐", "└┘"]);
  expect(besideEachOther([], 80)).toEqual([]);
});

test("a short time", () => {
  expect(shortTime(Date.UTC(2026, 10, 3, 12, 4, 5, 678))).toBe("2026-11-03 12:04:05");
  expect(shortTime(null)).toBe("-");
});
