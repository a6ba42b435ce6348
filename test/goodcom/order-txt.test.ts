import { describe, expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import { bare, item, LATE_REPEAT, MARKS, noodles } from "../golden/tickets.ts";

function printer(more: Partial<PrinterSettings>): PrinterSettings {
  return { ...printerSchema.parse({ name: "kitchen", api_key: "key", time_zone: "Asia/Taipei" }), ...more };
}

describe("order_txt", () => {
  test("off is empty", () => {
    expect(composeOrder(noodles, MARKS, printer({ order_txt: "off" })).order_txt).toBe("");
  });

  test("plain has lines ended by a line feed, and nothing replaced", () => {
    const text = composeOrder(
      { ...noodles, items: [item("Half/half *1; \\o")] },
      MARKS,
      printer({}),
    ).order_txt;
    expect(text).toContain("*            #1001             *\n");
    expect(text).toContain("1 x Half/half *1; \\o\n");
    expect(text).not.toContain("\\r");
  });

  test("markup, to the letter", () => {
    expect(
      composeOrder(bare, { ...LATE_REPEAT, delivery_id: "D1" }, printer({ order_txt: "markup" })).order_txt,
    ).toBe(
      [
        "\\-",
        "\\M\\3ORDER CANCELLED",
        "\\M\\3210571284",
        "\\M\\349182538",
        "\\M\\3DO NOT MAKE",
        "\\-",
        "\\M\\2!! MAY BE A REPEAT !!",
        "\\M\\2!! LATE !!",
        "\\M\\2!! 14 h ago !!",
        "\\M\\2!! cancelled 24 Nov 12:04 !!",
        "\\M\\2!! sent 25 Nov 02:04 !!",
        "\\0noodle-bar (shopline)",
        "\\0Cancelled before",
        "\\0  24 Nov 2026 12:04",
        "\\0Reason: not given",
        "\\0ORDER 21057128449182538",
        "\\0  CANCELLED",
        "\\0Nothing more is known: see",
        "\\0  dashboard",
        "\\-",
        "\\1Not everything could be read:",
        "\\1  see dashboard",
        "\\1Sent 25 Nov 2026 02:04",
        "\\1Slip D1",
        "\\1MAY BE A REPEAT, LATE",
        "\\M\\2!! ORDER CANCELLED !!",
        "\\M\\2!! 21057128449182538 !!",
        "",
      ].join("\\r"),
    );
  });

  test("bug: two percent signs, which the vendor's formats take for a line's end, went through", () => {
    const settings = printer({ order_txt: "markup", columns: 48 });
    const { order_txt } = composeOrder({ ...noodles, items: [item("100% a%%b %%%")] }, MARKS, settings);
    expect(order_txt).toContain("1 x 100% a％％b ％％％");
    expect(order_txt).not.toContain("%%");
  });

  test("markup puts amounts in their column and a store's reserved characters out of harm's way", () => {
    const ticket = { ...noodles, reason: "\\r\\M\\3 #1*2;3/4", items: [item("Tea", { amount: "3.00" })] };
    const text = composeOrder(ticket, MARKS, printer({ order_txt: "markup" })).order_txt;
    expect(text).toContain("\\01 x Tea                     3.00\\r");
    expect(text).toContain("\\0Reason: ﹨r﹨M﹨3 ﹟1﹡2﹔3／4\\r");
    expect(text.replace(/\\[-rM0123]/g, "")).not.toMatch(/[#*;\\/]/);
  });
});
