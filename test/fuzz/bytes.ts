import fc from "fast-check";

/** Bytes that a decoder or a parser trips over: a byte order mark, half a character, overlong forms, NUL, quotes. */
const HOSTILE_BYTES = [
  ...[
    "efbbbf",
    "fffe",
    "00",
    "c0af",
    "eda080",
    "f4908080",
    "e9ba",
    "80",
    "ff",
    "1b5b324a",
    "22",
    "5c",
    "5d",
    "7b",
  ],
  ...["2c", "3a", "0d0a", "e280ae"],
];

type Damage =
  | { act: "cut"; at: number }
  | { act: "insert" | "overwrite"; at: number; hex: string }
  | { act: "flip"; at: number; bit: number };

const at = fc.nat(30_000);
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ act: fc.constant("cut" as const), at }),
  fc.record({
    act: fc.constantFrom("insert" as const, "overwrite" as const),
    at,
    hex: fc.constantFrom(...HOSTILE_BYTES),
  }),
  fc.record({ act: fc.constant("flip" as const), at, bit: fc.nat(7) }),
);

function damaged(bytes: Buffer, change: Damage): Buffer {
  const where = bytes.length === 0 ? 0 : change.at % bytes.length;
  const [before, after] = [bytes.subarray(0, where), bytes.subarray(where)];
  switch (change.act) {
    case "cut":
      return before;
    case "insert":
      return Buffer.concat([before, Buffer.from(change.hex, "hex"), after]);
    case "overwrite": {
      const put = Buffer.from(change.hex, "hex");
      return Buffer.concat([before, put, after.subarray(put.length)]);
    }
    case "flip": {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[where] = copy[where]! ^ (1 << change.bit);
      return copy;
    }
  }
}

/** The relay takes bodies up to here (contract, "Inbound webhooks"). */
const BODY_BYTES_MAX = 1024 * 1024;

/** What fills a body of 1 MiB, by what is repeated between its two ends. */
const FILLERS: readonly (readonly [start: string, part: string, end: string])[] = [
  ["", "[", ""],
  ["", '{"a":', ""],
  ['{"id":"', "麵", '"}'],
  ['{"id":1,"cancelled_at":"2026-11-01T10:00:00Z","note":"', "\\u202e", '"}'],
  ['{"id":1,"status":"cancelled","customer_note":"', " \\t", '"}'],
  ['{"id":', "9", "}"],
  ['{"id":1,"n":[', "12345678901234567890,", "1]}"],
  ['{"id":1,"status":"cancelled","line_items":[', '{"price":"1e9","quantity":"1e9"},', "{}]}"],
  ['{"id":1,"cancelled_at":1761991200,"line_items":[{"properties":[', '{"name":"a","value":"b"},', "{}]}]}"],
  ['{"data":{"order_id":1,"order_status":"cancelled","items":[', '{"sku":"x"},', "0]}}"],
  ['{"id":1,"status":"cancelled","financial_status":"', " -", '"}'],
  ["", "\u0000", ""],
  ["status=", "%E9%BA%B5", ""],
  ["", "a=b&", ""],
];

const huge: fc.Arbitrary<Buffer> = fc
  .record({ filler: fc.constantFrom(...FILLERS), bytes: fc.integer({ min: 100_000, max: BODY_BYTES_MAX }) })
  .map(({ filler: [start, part, end], bytes }) => {
    const times = Math.floor((bytes - start.length - end.length) / Buffer.byteLength(part));
    return Buffer.from(start + part.repeat(times) + end);
  });

/** The texts as bytes: most as they are, some damaged, a few replaced by 1 MiB of one thing. */
export function bytesOf(text: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  const whole = text.map((written) => Buffer.from(written));
  return fc.oneof(
    { weight: 150, arbitrary: whole },
    {
      weight: 100,
      arbitrary: fc
        .tuple(whole, fc.array(damage, { minLength: 1, maxLength: 4 }))
        .map(([bytes, changes]) => changes.reduce(damaged, bytes)),
    },
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: huge },
  );
}
