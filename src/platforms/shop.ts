import { textOf } from "../core/text.ts";
import type { StoreSettings } from "../core/settings.ts";
import { rootOf } from "./body.ts";
import { isObject } from "../core/json.ts";
import type { InboundRequest, Refusal } from "./platform.ts";

/**
 * Refuses what names another shop than the store's `shop_id`. The body's `store_id` counts before the header,
 * because only the body is signed; what names no shop passes.
 *
 * @param header lower case
 */
export function verifyShopId(
  { headers, body }: Pick<InboundRequest, "headers" | "body">,
  store: StoreSettings,
  header: string,
): Refusal | null {
  if (store.shop_id === null) return null;
  const named = storeIdIn(body) ?? textOf(headers[header]);
  if (named === null || sameShop(named, store.shop_id)) return null;
  return {
    why: "wrong_shop",
    detail: `This webhook is of another shop than the "shop_id" of store ${store.name}: check the address it was subscribed with.`,
  };
}

function storeIdIn(body: Buffer): string | null {
  const root = rootOf(body);
  if (root === null) return null;
  return (isObject(root.order) ? textOf(root.order.store_id) : null) ?? textOf(root.store_id);
}

// Ids are digits; domains are the same in any case.
function sameShop(named: string, shopId: string): boolean {
  return named.toLowerCase() === shopId.trim().toLowerCase();
}
