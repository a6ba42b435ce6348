import { expect, test } from "vitest";
import { pack, unpack } from "../../src/ledger/sqlite/pack.ts";

const order = Buffer.from(
  JSON.stringify({ id: "21057", total: "38.50", items: [{ name: "牛肉麵 Beef noodles", quantity: 2 }] }),
);

test("what is packed comes back", () => {
  expect(unpack(pack(order)).equals(order)).toBe(true);
});

test("regression: a flipped bit was read as another order; now it is told, or changes nothing", () => {
  const packed = pack(order);
  let told = 0;
  for (let bit = 0; bit < packed.length * 8; bit++) {
    const damaged = Buffer.from(packed);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    let read: Buffer;
    try {
      read = unpack(damaged);
    } catch {
      told++;
      continue;
    }
    expect(read.equals(order), `bit ${String(bit)}`).toBe(true);
  }
  expect(told).toBeGreaterThan(packed.length * 7);
});
