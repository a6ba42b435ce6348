import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { deflateRawSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DICTIONARY } from "../../src/ledger/sql/dictionary.ts";
import { pack, packAside, unpack } from "../../src/ledger/sql/pack.ts";

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

test("regression: what does not shrink was deflated all the same, 40 ms for 1 MiB in the ledger's thread", async () => {
  const noise = randomBytes(1024 * 1024);
  for (const packed of [pack(noise), await packAside(noise)]) {
    // RFC 1951, 3.2.4: a stored block holds the bytes as they are.
    expect(packed.includes(noise.subarray(0, 10_000))).toBe(true);
    expect(packed.length).toBeLessThan(noise.length + 1024);
    // As the versions before this one read it.
    expect(inflateSync(packed, { dictionary: DICTIONARY }).equals(noise)).toBe(true);
    expect(unpack(packed).equals(noise)).toBe(true);
  }
});

test("what shrinks is deflated however long it is, also where a part of it does not", async () => {
  const long = Buffer.alloc(1024 * 1024, order);
  const mixed = Buffer.concat([randomBytes(100_000), long]);
  for (const value of [long, mixed]) {
    const packed = pack(value);
    expect(packed.length).toBeLessThan(value.length / 5);
    expect((await packAside(value)).equals(packed)).toBe(true);
  }
});

test("regression: of what is stored as it is a flipped bit is told too", () => {
  const packed = pack(randomBytes(100_000));
  const middle = packed.length >> 1;
  packed[middle] = (packed[middle] ?? 0) ^ 1;
  expect(() => unpack(packed)).toThrow();
});

test("whatever is packed comes back, by either way", async () => {
  const part = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 1000 }));
  const value = fc
    .array(part, { maxLength: 4 })
    .map((parts) => Buffer.concat(parts.map(([bytes, times]) => Buffer.alloc(bytes.length * times, bytes))));
  await fc.assert(
    fc.asyncProperty(value, async (whole) => {
      expect(unpack(pack(whole)).equals(whole)).toBe(true);
      expect(unpack(await packAside(whole)).equals(whole)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
