import { decodeTime, encodeTime } from "ulid";
import { orderIdOf } from "../load/bodies.ts";
import type { Row, Value } from "./columns.ts";

/** What the copied rows are called. */
export interface Names {
  /** ULIDs of deliveries and webhooks. */
  ids: string[];
  orders: { id: string; name: string }[];
}

const ULID_TIME_CHARS = 10;
/** No run of the load has this one, and all of them come after it. */
export const RUN = "00000000";

export function namesOf(tables: readonly { name: string; rows: Row[] }[]): Names {
  const rowsOf = (table: string): Row[] => tables.find(({ name }) => name === table)?.rows ?? [];
  return {
    ids: [...rowsOf("deliveries"), ...rowsOf("webhooks")].map(({ id }) => textOf(id)),
    orders: rowsOf("deliveries").map(({ order_id, order_name }) => ({
      id: textOf(order_id),
      name: textOf(order_name),
    })),
  };
}

/** New names by the old, for one copy: ids of an older moment, orders of a lower number. */
export function renaming(names: Names, copy: number, olderMs: number): Map<string, string> {
  const found = new Map<string, string>();
  const put = (before: string, after: string): void => {
    found.set(before, after).set(before.toLowerCase(), after.toLowerCase());
  };
  for (const id of names.ids) {
    put(id, encodeTime(decodeTime(id) - olderMs, ULID_TIME_CHARS) + id.slice(ULID_TIME_CHARS));
  }
  names.orders.forEach(({ id, name }, n) => {
    const after = orderIdOf(RUN, copy * names.orders.length + n);
    put(id, after);
    put(name, `#${after.slice(RUN.length)}`);
    put(name.slice(1), after.slice(RUN.length));
  });
  return found;
}

function textOf(value: Value | undefined): string {
  if (typeof value !== "string") throw new Error("the ledger's ids are no longer text: mend bench/filled/");
  return value;
}
