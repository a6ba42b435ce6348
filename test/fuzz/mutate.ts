import fc from "fast-check";
import { double, placesOf, read, remove, rename, textOfTree, treeOf, write, type Tree } from "./tree.ts";

/** Changes of a document that keep it near one that is understood: that is where a reader's mistakes are. */
type Mutation =
  | { act: "drop" | "double" | "unwrap"; at: number }
  | { act: "swap"; at: number; with: number }
  | { act: "retype"; at: number; to: string }
  | { act: "nest"; at: number; levels: number; in: "list" | "object" }
  | { act: "rename"; at: number; key: string }
  | { act: "repeat"; at: number; times: number };

/** Raw JSON of every type, of the edges of numbers, of texts that printers, terminals and parsers obey. */
const HOSTILE_VALUES = [
  ...["null", "true", "false", "[]", "{}", "[[]]", "[null]", '""', '" "', '"0"', '"null"', '"\\"x\\""'],
  ...["0", "-0", "-1", "0.1", "1e400", "-1e400", "1e-400", "1e21", "123456789012345678901234567890"],
  ...["9007199254740992", "9007199254740993", "-9007199254740993", "1.7976931348623157e308", "0.1e1"],
  ...[
    '"\\ud800"',
    '"\\udfff\\ud83c"',
    '"\\u0000"',
    '"\\u001b[2J"',
    '"\\u202egnp.exe"',
    '"\\ufeff"',
    '"\\u2028"',
  ],
  ...['"__proto__"', '"constructor"', '"e\\u0301\\u0335\\u0335"', '"麵麵麵麵"', '"🏴‍☠️"', '"{code:1}|^^^`"'],
  ...[
    '"2026-11-01T10:00:00Z"',
    '"9999-99-99T99:99:99+99:99"',
    '"0000-00-00 00:00:00"',
    "1761991200",
    "-62135596800",
  ],
  ...[
    '"1e9"',
    '"-.5"',
    '"1e99"',
    '"12,50"',
    '"NaN"',
    '"USD"',
    '"usd "',
    '"cancelled"',
    '"CANCELED"',
    '"XXX"',
  ],
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":null,"valueOf":0,"length":-1,"toJSON":1,"then":1}',
];

const HOSTILE_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "length",
  "",
  "id",
];

const at = fc.nat(10_000);
const raw = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...HOSTILE_VALUES) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 40 }).map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.double().map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.bigInt().map(String) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)) },
);

function mutation(more: readonly string[]): fc.Arbitrary<Mutation> {
  const to = more.length === 0 ? raw : fc.oneof(raw, fc.constantFrom(...more));
  const key = fc.oneof(fc.constantFrom(...HOSTILE_KEYS), fc.string({ unit: "binary", maxLength: 12 }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("drop", "double", "unwrap"), at }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constant("swap"), at, with: at }) },
    { weight: 6, arbitrary: fc.record({ act: fc.constant("retype"), at, to }) },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant("nest"),
        at,
        levels: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 50, max: 80 })),
        in: fc.constantFrom("list", "object"),
      }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constant("rename"), at, key }) },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constant("repeat"),
        at,
        times: fc.oneof(
          { weight: 30, arbitrary: fc.integer({ min: 2, max: 40 }) },
          { weight: 1, arbitrary: fc.integer({ min: 400, max: 700 }) },
        ),
      }),
    },
  );
}

/** No document grows past this, in parts: repeats of repeats would fill the memory. */
const PARTS_MAX = 20_000;

function apply(root: Tree, change: Mutation): void {
  const places = placesOf(root);
  const place = places[change.at % Math.max(1, places.length)];
  if (place === undefined) return;
  switch (change.act) {
    case "drop":
      return remove(place);
    case "double":
      return double(place);
    case "unwrap": {
      const inner = placesOf(read(place))[0];
      if (inner !== undefined) write(place, read(inner));
      return;
    }
    case "swap": {
      const other = places[change.with % places.length] ?? place;
      const [mine, theirs] = [structuredClone(read(place)), structuredClone(read(other))];
      write(place, theirs);
      write(other, mine);
      return;
    }
    case "retype":
      return write(place, { raw: change.to });
    case "nest": {
      const open = change.in === "list" ? "[" : '{"id":';
      const close = change.in === "list" ? "]" : "}";
      const inner = textOfTree(read(place));
      return write(place, { raw: open.repeat(change.levels) + inner + close.repeat(change.levels) });
    }
    case "rename":
      return rename(place, change.key);
    case "repeat": {
      const one = read(place);
      const times = Math.min(change.times, Math.floor(PARTS_MAX / (placesOf(root).length + 1)));
      return write(place, { list: Array.from({ length: Math.max(1, times) }, () => structuredClone(one)) });
    }
  }
}

/**
 * Texts near the given documents.
 * @param more raw values of the format at hand, put beside JSON's own
 */
export function mutated(documents: readonly unknown[], more: readonly string[] = []): fc.Arbitrary<string> {
  const trees = documents.map(treeOf);
  return fc
    .tuple(fc.nat(trees.length - 1), fc.array(mutation(more), { maxLength: 8 }))
    .map(([which, changes]) => {
      const root: Tree = { list: [structuredClone(trees[which]!)] };
      for (const change of changes) apply(root, change);
      return root.list.map(textOfTree).join("");
    });
}
