import { textOf } from "../core/text.ts";
import type { StoreSettings } from "../core/settings.ts";
import { rootOf } from "./body.ts";
import { isObject } from "../core/json.ts";
import type { InboundRequest, Refusal } from "./platform.ts";

/**
 * Refuses what names another shop than the store's `shop_id`. The body's own word counts before the header,
 * because only the body is signed; what names no shop passes.
 *
 * @param header lower case
 * @param fields of the body's root, the likeliest first; an order's is `store_id`
 */
export function verifyShopId(
  { headers, body }: Pick<InboundRequest, "headers" | "body">,
  store: StoreSettings,
  header: string,
  fields: readonly string[] = ["store_id"],
): Refusal | null {
  if (store.shop_id === null) return null;
  const named = shopIn(body, fields) ?? textOf(headers[header]);
  if (named === null || sameShop(named, store.shop_id)) return null;
  return {
    why: "wrong_shop",
    detail: `This webhook is of another shop than the "shop_id" of store ${store.name}: check the address it was subscribed with.`,
  };
}

function shopIn(body: Buffer, fields: readonly string[]): string | null {
  const root = rootOf(body);
  if (root === null) return null;
  const named = [isObject(root.order) ? root.order.store_id : null, ...fields.map((field) => root[field])];
  return named.map((value) => textOf(value)).find((value) => value !== null) ?? null;
}

// Ids are digits; domains are the same in any case.
function sameShop(named: string, shopId: string): boolean {
  return named.toLowerCase() === shopId.trim().toLowerCase();
}
