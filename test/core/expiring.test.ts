import { expect, test } from "vitest";
import { allExpire, nextExpiry, rotated, validAt } from "../../src/core/expiring.ts";
import { storeInput, storeSchema, storeSettingsOf } from "../../src/core/settings.ts";

const NOON = Date.UTC(2026, 10, 24, 12, 0, 0);
const HOUR = 3_600_000;
const API = { url: "https://api-v2.fastpod.net", token: "t" };

test("one that is rotated out counts until its moment, and not at it", () => {
  const entries = ["new", { value: "old", valid_until: NOON }];
  expect(validAt(entries, NOON - 1)).toEqual(["new", "old"]);
  expect(validAt(entries, NOON)).toEqual(["new"]);
  expect(nextExpiry(entries, NOON - 1)).toBe(NOON);
  expect(nextExpiry(entries, NOON)).toBeNull();
});

test("an empty one never counts", () => {
  expect(validAt(["", "  ", { value: "", valid_until: NOON }], 0)).toEqual([]);
});

test("whether all that count will end", () => {
  expect(allExpire([{ value: "a", valid_until: NOON }], NOON - 1)).toBe(true);
  expect(allExpire(["b", { value: "a", valid_until: NOON }], NOON - 1)).toBe(false);
  expect(allExpire([{ value: "a", valid_until: NOON }], NOON)).toBe(false);
});

test("rotating puts the new one first, never lengthens a life, and drops the dead", () => {
  const before = ["a", { value: "b", valid_until: NOON + HOUR }, { value: "c", valid_until: NOON - 1 }];
  expect(rotated(before, "d", NOON + 2 * HOUR, NOON)).toEqual([
    "d",
    { value: "a", valid_until: NOON + 2 * HOUR },
    { value: "b", valid_until: NOON + HOUR },
  ]);
  expect(rotated(before, "d", NOON, NOON)).toEqual(["d"]);
  expect(rotated(before, "d", null, NOON)).toEqual(["d", "a", { value: "b", valid_until: NOON + HOUR }]);
  expect(rotated(["a"], "a", NOON + HOUR, NOON)).toEqual(["a"]);
});

test("a file writes a secret or token bare, or with its end", () => {
  const common = { name: "shop", printer: "kitchen" };
  const valid_until = "2026-11-24T13:00:00+01:00";
  const signed = storeSchema.parse({
    ...common,
    platform: "shopline",
    secrets: ["new", { secret: "old", valid_until }],
  });
  expect(storeSettingsOf(signed, String).secrets).toEqual(["new", { value: "old", valid_until: NOON }]);
  const [token, old] = ["N".repeat(32), "O".repeat(32)];
  const tee = storeSchema.parse({
    ...{ ...common, platform: "fastpod", api: API },
    tokens: [token, { token: old, valid_until }],
  });
  expect(storeSettingsOf(tee, (text) => `hash of ${text}`).token_hashes).toEqual([
    `hash of ${token}`,
    { value: `hash of ${old}`, valid_until: NOON },
  ]);
});

test.each([
  [{ secret: "old", valid_until: "tomorrow" }, "secrets.0.valid_until: is not RFC 3339"],
  [{ secret: "old", valid_until: "2026-11-24" }, "secrets.0.valid_until: is not RFC 3339"],
  [{ secret: "old", until: null }, 'secrets.0: Unrecognized key: "until"'],
  [7, "secrets.0.secret: Invalid input: expected string, received number"],
])("the secret %j is refused in words", (secret, words) => {
  const read = storeSchema.safeParse({ name: "a", platform: "shopline", printer: "p", secrets: [secret] });
  const said = read.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n");
  expect(said).toContain(words);
});

test("a stored store written as a file and read again is the same store", () => {
  const fastpod = storeSettingsOf(
    storeSchema.parse({
      ...{ name: "tee", printer: "kitchen", platform: "fastpod", api: { ...API, version: "v1" } },
      ...{ tokens: ["T".repeat(32)], currency: "EUR", test_orders: "print", ignore_older_than_s: 3600 },
    }),
    () => "ab".repeat(32),
  );
  fastpod.token_hashes.push({ value: "cd".repeat(32), valid_until: NOON });
  const shopline = storeSettingsOf(
    storeSchema.parse({
      ...{ name: "noodle-bar", printer: "bar", platform: "shopline", secrets: ["a", "b"], shop_id: "7" },
      order_id_from: "name",
    }),
    String,
  );
  shopline.secrets.push({ value: "c", valid_until: NOON });
  for (const store of [fastpod, shopline]) {
    const again = storeSettingsOf(storeSchema.parse(storeInput(store)), () => "not asked");
    expect(again).toEqual(store);
  }
});
