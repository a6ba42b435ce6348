import { expect, test } from "vitest";
import { handoverOf } from "../../src/platforms/order-parts.ts";

const NOWHERE = { address: null, town: null };

test.each([
  ...["外帶", "外带", "テイクアウト", "お持ち帰り", "방문 포장", "รับกลับบ้าน", "Mang về", "Bungkus"],
  ...["Carry-out", "Collect from shop", "Para llevar", "Para viagem", "Selbst abholen", "Zum Mitnehmen"],
])("regression: %s, which the buyer takes away, was called a delivery", (method) => {
  expect(handoverOf(method, NOWHERE)).toBe("collection");
});

test("regression: 便利商店取貨 was called a collection, though a courier brings it there as for 超商取貨", () => {
  expect(handoverOf("便利商店取貨", NOWHERE)).toBe("delivery");
  expect(handoverOf("店取", NOWHERE)).toBe("collection");
});
