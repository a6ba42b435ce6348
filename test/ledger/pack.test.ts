import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { DICTIONARY } from "../../src/ledger/sqlite/dictionary.ts";
import { pack, unpack } from "../../src/ledger/sqlite/pack.ts";

const order = Buffer.from(
  JSON.stringify({ id: "21057", total: "38.50", items: [{ name: "牛肉麵 Beef noodles", quantity: 2 }] }),
);

test("what is packed comes back", () => {
  expect(unpack(pack(order)).equals(order)).toBe(true);
});

test("what the first ledgers packed, raw and without a dictionary, is still read", () => {
  const big = Buffer.from(Array.from({ length: 60_000 }, (_, n) => (n * n) % 251));
  for (const value of [order, big, Buffer.alloc(0)]) {
    for (const level of [0, 1, 9]) expect(unpack(deflateRawSync(value, { level })).equals(value)).toBe(true);
  }
});

test("the dictionary is part of the format: it never changes", () => {
  const sum = createHash("sha256").update(DICTIONARY).digest("hex");
  expect(sum).toBe("62fcac6ad9868d64de68efaafe2e9e5637d4b9a1231eb91fa6f423423d07214d");
});

test("a real order takes less than a fifth of its room", () => {
  const file = "shopline.webhook.orders_cancelled.from-docs.json";
  const text = readFileSync(new URL(`../fixtures/${file}`, import.meta.url), "utf8");
  const body = Buffer.from(JSON.stringify(JSON.parse(text)));
  expect(pack(body).length).toBeLessThan(body.length / 5);
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
