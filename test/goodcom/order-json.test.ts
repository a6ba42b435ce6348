import { describe, expect, test } from "vitest";
import { printerSchema, type PrinterSettings } from "../../src/core/settings.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import {
  bare,
  clothes,
  item,
  LATE_REPEAT,
  MARKS,
  noodles,
  printerTest,
  twoHundred,
} from "../golden/tickets.ts";

const PRINTER: PrinterSettings = printerSchema.parse({
  name: "kitchen",
  api_key: "key",
  time_zone: "Asia/Taipei",
});

function option(text: string) {
  return { o_oName: text, o_oAmt: "" };
}

describe("order_json", () => {
  test("of an ordinary order, to the letter", () => {
    expect(composeOrder(noodles, MARKS, PRINTER).order_json).toEqual({
      Create_time: "11:50 24-11-2026",
      CreateTime: "11:50 24-11-2026",
      DeliveryType: "Delivery",
      OrderId: "21057128449182538",
      Order: [
        {
          o_title: "",
          o_num: "2",
          o_name: "Beef noodle soup",
          o_amt: "16.00",
          OrderOption: [
            option("Large"),
            option("Spice: hot"),
            option("extra egg"),
            option("Note: NO PEANUTS"),
            option("SKU BN-L"),
          ],
        },
        { o_title: "", o_num: "1", o_name: "Iced tea", o_amt: "3.00", OrderOption: [] },
      ],
      SubTotal: "19.00",
      DiscountAmt: "1.00",
      DiscountTaxes: "",
      DeliveryCharges: "3.00",
      DeliveryTaxes: "",
      ExtraFeeAmt: "",
      TotalTaxes: "0.00",
      Total: "21.00",
      PaymentStatus: "Order Paid",
      CustName: "Tom Chen",
      CustAddr: "5F, 12 Yongkang St",
      CustTown: "Taipei 106, TW",
      CustPhone: "+886 912 345 678",
      RequestTime: "12:04 24-11-2026",
      PaidType: "LINE Pay",
      Comment:
        "CANCELLED | DO NOT MAKE | Order #1001 | noodle-bar (shopline) | Reason: Customer changed mind | " +
        "Customer note: Ring twice, the bell is broken | Delivery: Scooter, 30 min | Refund 21.00 of 21.00 | " +
        "TOTAL USD 21.00 | Sent 12:04 | Slip 01KAV3T0M8Q4ZC9XW2N7R5HJ6B",
    });
  });

  test("of nothing but an order id", () => {
    const json = composeOrder(bare, MARKS, PRINTER).order_json;
    expect(json.Order).toEqual([]);
    expect([json.DeliveryType, json.PaymentStatus, json.Total, json.CustName]).toEqual([
      "Delivery",
      "",
      "",
      "",
    ]);
    expect([json.Create_time, json.RequestTime]).toEqual(["12:04 24-11-2026", "12:04 24-11-2026"]);
    expect(json.Comment).toBe(
      "CANCELLED | DO NOT MAKE | noodle-bar (shopline) | Cancelled before 24 Nov 2026 12:04 | Reason: not given | ORDER 21057128449182538 CANCELLED | " +
        "Nothing more is known: see dashboard | Not everything could be read: see dashboard | " +
        "Sent 12:04 | Slip 01KAV3T0M8Q4ZC9XW2N7R5HJ6B",
    );
  });

  test("Comment carries the marks with both times, and begins with CANCELLED in any language", () => {
    const marks = { ...LATE_REPEAT, reprint: 2 };
    expect(composeOrder(noodles, marks, PRINTER).order_json.Comment).toContain(
      "CANCELLED | DO NOT MAKE | REPRINT 2 | MAY BE A REPEAT | LATE: 14 h ago, cancelled 24 Nov 12:04, " +
        "sent 25 Nov 02:04 | ",
    );
    expect(composeOrder(noodles, marks, { ...PRINTER, language: "zh-Hant" }).order_json.Comment).toMatch(
      /^CANCELLED \| 訂單已取消 \| 請勿製作 \| REPRINT 2 \/ 補印 2 \| MAY BE A REPEAT \/ 可能重複列印 \| LATE \/ 延遲通知: /,
    );
    expect(composeOrder(printerTest, MARKS, PRINTER).order_json.Comment).toMatch(
      /^CANCELLED \| DO NOT MAKE \| TEST: NOT A REAL ORDER \| /,
    );
  });

  test("what has no field goes into Comment: tip, exact payment state, shop's note", () => {
    const json = composeOrder(clothes, MARKS, PRINTER).order_json;
    expect(json.DeliveryType).toBe("Collection");
    expect(json.PaymentStatus).toBe("Order Paid");
    for (const text of [
      "PARTLY REFUNDED",
      "Refund 30.00 of 58.70",
      "Tip 2.00",
      "Shop note: Call the customer",
    ]) {
      expect(json.Comment).toContain(text);
    }
  });

  test("bug: a buyer's note with the Comment's own signs told of another order's cancellation", () => {
    const buyer_note = "Ring | CANCELLED | DO NOT MAKE ｜ Order #1002 │ Sent 12:04";
    const { Comment } = composeOrder({ ...noodles, buyer_note }, MARKS, PRINTER).order_json;
    const sentences = Comment.split(/[|｜│]/).map((text) => text.trim());
    expect(sentences).toContain("Customer note: Ring - CANCELLED - DO NOT MAKE - Order #1002 - Sent 12:04");
    expect(sentences).toHaveLength(11);
  });

  test("bug: what the vendor writes here for a line's end went through from a buyer's note", () => {
    const ticket = { ...noodles, buyer_note: "hot%%CANCELLED", items: [item("100% a%%%b")] };
    const { order_json } = composeOrder(ticket, MARKS, PRINTER);
    expect(order_json.Order[0]!.o_name).toBe("100% a%b");
    expect(JSON.stringify(order_json)).not.toContain("%%");
  });

  test("sixty items, and how many more there are", () => {
    const json = composeOrder(twoHundred, MARKS, PRINTER).order_json;
    expect(json.Order).toHaveLength(60);
    expect(json.Comment).toContain("+ 140 more items, see #5000");
  });

  test.each([
    ["paid", "Order Paid"],
    ["refunding", "Order Paid"],
    ["refunded", "Order Paid"],
    ["partially_refunded", "Order Paid"],
    ["unpaid", "Order Not Paid"],
    ["partially_paid", "Order Not Paid"],
    ["authorized", "Order Not Paid"],
    ["failed", "Order Not Paid"],
    [null, ""],
  ] as const)("payment %s is %j", (payment, status) => {
    expect(composeOrder({ ...noodles, payment }, MARKS, PRINTER).order_json.PaymentStatus).toBe(status);
  });

  test.each([
    ["both", ["Create_time", "CreateTime"]],
    ["Create_time", ["Create_time"]],
    ["CreateTime", ["CreateTime"]],
  ] as const)("created_key %s", (created_key, keys) => {
    const json = composeOrder(noodles, MARKS, { ...PRINTER, created_key }).order_json;
    expect(Object.keys(json).filter((key) => key.startsWith("Create"))).toEqual(keys);
  });

  test.each([
    ["full", ["Tom Chen", "+886 912 345 678", "5F, 12 Yongkang St", "Taipei 106, TW"]],
    ["short", ["Tom Chen", "...678", "", ""]],
    ["none", ["", "", "", ""]],
  ] as const)("customer %s", (customer, expected) => {
    const json = composeOrder(noodles, MARKS, { ...PRINTER, customer }).order_json;
    expect([json.CustName, json.CustPhone, json.CustAddr, json.CustTown]).toEqual(expected);
    if (customer === "none") expect(JSON.stringify(json)).not.toMatch(/Tom|912|Yongkang/);
  });

  test("numbers are the store's, however the slip's language writes them", () => {
    const order = composeOrder(clothes, MARKS, { ...PRINTER, language: "de" });
    expect(order.order_txt).toMatch(/^SUMME EUR +58,70$/m);
    expect(order.order_json.Total).toBe("58.70");
    expect(order.order_json.Order[0]!.o_amt).toBe("29.50");
  });

  test("the vendor's replacements are for markup alone", () => {
    const ticket = { ...noodles, items: [item("Half/half #1 *hot* \\o/; yes")] };
    expect(composeOrder(ticket, MARKS, PRINTER).order_json.Order[0]!.o_name).toBe(
      "Half/half #1 *hot* \\o/; yes",
    );
  });
});

describe("composeOrder", () => {
  test("gives the same order id in both places, every digit kept", () => {
    const order = composeOrder({ ...noodles, order_id: "gid://9007199254740993001" }, MARKS, PRINTER);
    expect(order.order_id).toBe("gid://9007199254740993001");
    expect(order.order_json.OrderId).toBe("gid://9007199254740993001");
    expect(order.order_txt.startsWith("****")).toBe(true);
  });
});
