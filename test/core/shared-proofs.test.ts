import { expect, test } from "vitest";
import type { StoreSettings } from "../../src/core/settings.ts";
import { sharedProofs } from "../../src/core/shared-proofs.ts";
import { aStore } from "../platforms/a-store.ts";

const NOW = 1000;

function told(...stores: Partial<StoreSettings>[]): [string, string][] {
  const told = sharedProofs(
    stores.map((store) => aStore({ secrets: [], token_hashes: [], ...store })),
    NOW,
  );
  return [...told];
}

test("bug: nobody said that what is signed for one shop of an app prints at another", () => {
  const [one, two] = [
    { name: "one", secrets: ["app", "old"] },
    { name: "two", secrets: ["app"] },
  ];
  expect(told(one, two)).toEqual([
    ["one", expect.stringMatching(/^has a secret of two, too, .*: give it its shop_id$/)],
    ["two", expect.stringMatching(/^has a secret of one, too, .*: give it its shop_id$/)],
  ]);
  expect(told({ ...one, shop_id: "1" }, two).map(([name]) => name)).toEqual(["two"]);
  expect(told(one, { ...two, secrets: ["other"] })).toEqual([]);
  expect(told(one, { ...two, secrets: [{ value: "app", valid_until: NOW - 1 }] })).toEqual([]);
});

test("a shop that is named by a header alone is anybody's", () => {
  const shop = { platform: "shoplazza" as const, secrets: ["app"], shop_id: "one.myshoplaza.com" };
  expect(told({ ...shop, name: "one" }, { ...shop, name: "two" })).toHaveLength(2);
});

test("one path token is no two stores'", () => {
  const store = { platform: "fastpod" as const, token_hashes: ["ab".repeat(32)] };
  expect(told({ ...store, name: "one" }, { ...store, name: "two" })[0]?.[1]).toContain("has a token of two");
});
