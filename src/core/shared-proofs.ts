import { validAt } from "./expiring.ts";
import { proofsOf, type StoreSettings } from "./settings.ts";
import type { UnixMs } from "./time.ts";

/** Others are named by so many. */
const NAMED_MAX = 3;

/**
 * By store, what lets another store's sender in, for a sentence about it. One app serves several shops with one secret:
 * what was signed for one of them verifies at the others' addresses, unless the body names the shop and they know theirs.
 */
export function sharedProofs(stores: readonly StoreSettings[], now: UnixMs): ReadonlyMap<string, string> {
  const owners = new Map<string, string[]>();
  for (const store of stores) {
    for (const proof of new Set(validAt(proofsOf(store), now))) {
      owners.set(proof, [...(owners.get(proof) ?? []), store.name]);
    }
  }
  return new Map(
    stores.flatMap((store): [string, string][] => {
      const { name, platform, shop_id } = store;
      if (shop_id !== null && platform === "shopline") return [];
      const all = validAt(proofsOf(store), now).flatMap((proof) => owners.get(proof) ?? []);
      const others = [...new Set(all)].filter((other) => other !== name);
      return others.length === 0 ? [] : [[name, sentence(platform, others)]];
    }),
  );
}

function sentence(platform: StoreSettings["platform"], others: readonly string[]): string {
  const named = others.slice(0, NAMED_MAX).join(", ") + (others.length > NAMED_MAX ? ", …" : "");
  switch (platform) {
    case "shopline":
      return `has a secret of ${named}, too, and prints what is theirs when somebody sends it to its address: give it its shop_id`;
    case "shoplazza":
      return `has a secret of ${named}, too, and prints what is theirs when somebody sends it to its address: give each an app of its own, for what Shoplazza signs names no shop`;
    case "fastpod":
      return `has a token of ${named}, too: whoever has the address of one has both; give each its own`;
  }
}
