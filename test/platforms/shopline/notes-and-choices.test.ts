import { describe, expect, test } from "vitest";
import { shopline } from "../../../src/platforms/shopline/webhook.ts";
import { aStore } from "../a-store.ts";

const STORE = aStore({});

function read(order: object) {
  const whole = { id: "7", cancelled_at: "2026-11-01T10:00:00Z", ...order };
  return shopline.read(Buffer.from(JSON.stringify(whole)), STORE);
}

// `buyer_note` beside the payments' own: the field table of orders/updated (v20250601) and of "Create an order" at
// developer.shopline.com; read 2026-11. Its page of orders/cancelled has it with the payments alone.
describe("what SHOPLINE's order says beside its lines", () => {
  test("regression: an order whose money all went back was printed as one that cost 0.00, and no refund was told", () => {
    const transactions = [{ kind: "refund", status: "success", amount: "7.50", currency: "USD" }];
    const amountsOf = (order: object) => read({ currency: "USD", refunds: [{ transactions }], ...order });
    expect(amountsOf({ current_total_price: "0.00" })).toMatchObject({
      cancellation: { amounts: { total: null, refunded: "7.50" } },
    });
    expect(amountsOf({ refunds: [], current_total_price: "0.00" })).toMatchObject({
      cancellation: { amounts: { total: "0.00", refunded: null } },
    });
  });

  test("regression: a buyer's note was left out where the order itself has it, as its API and other topics do", () => {
    const noted = (order: object) => {
      const reading = read(order);
      return reading.kind === "cancellation" ? reading.cancellation.buyer_note : reading;
    };
    const payment_details = [{ buyer_note: "No nuts" }];
    expect(noted({ buyer_note: "No nuts" })).toBe("No nuts");
    expect(noted({ buyer_note: "No nuts", payment_details })).toBe("No nuts");
    expect(noted({ buyer_note: "Ring twice", payment_details })).toBe("Ring twice; No nuts");
  });

  test("regression: a choice ticked, or several at once, was left out: what can be read of it is printed", () => {
    const properties = [
      { name: "Gift wrap", value: true },
      { name: "Cutlery", value: false },
      { name: "Without", value: ["onion", { id: 7 }, "garlic", 3] },
      { name: "Sizes", value: [["large"]] },
      { name: "Sauce", value: { hot: true } },
      { name: "Nothing", value: [] },
      { name: "Seats", value: Array.from({ length: 30 }, (_, n) => n) },
    ];
    const reading = read({ line_items: [{ title: "Soup", properties }] });
    expect(reading).toMatchObject({ cancellation: { problems: ["line_items.properties.value"] } });
    const kept = [
      { name: "Gift wrap", value: "true" },
      { name: "Cutlery", value: "false" },
      { name: "Without", value: "onion, ?, garlic, 3" },
      { name: "Seats", value: `${Array.from({ length: 20 }, (_, n) => n).join(", ")}, ...` },
    ];
    expect(reading.kind === "cancellation" && reading.cancellation.items[0]?.options).toEqual(kept);
  });
});
