import type { Delivery } from "../core/delivery.ts";
import { folded } from "../core/order-key.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** Looked at among those that have the digits somewhere, the newest. */
const LOOKED_AT_MAX = 50;

/**
 * Where no order is called so: those whose number has the same digits, which may be meant. `42` for `#0042`,
 * `10 01` or `order 1001` for `#1001`.
 * @param store whose; any unless given
 */
export async function nearOrders(
  ledger: Pick<Ledger, "searchDeliveries">,
  which: string,
  store?: string,
): Promise<Delivery[]> {
  const digits = digitsIn(which);
  if (digits === "") return [];
  const search = { q: digits, limit: LOOKED_AT_MAX, ...(store === undefined ? {} : { store }) };
  const { items } = await ledger.searchDeliveries(search);
  return items.filter(({ order_name, order_id }) =>
    [order_name, order_id].some((name) => digitsIn(name) === digits),
  );
}

/** Without the zeros that fill a number up. */
function digitsIn(text: string): string {
  return folded(text).replace(/\D/g, "").replace(/^0+/, "");
}
