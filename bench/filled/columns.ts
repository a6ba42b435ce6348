export type Value = string | number | Buffer | null;
export type Row = Record<string, Value>;

/** What a column's values are in a copy: told by its name, so that one the relay gains is copied as it is. */
export type ColumnKind =
  /** A row's place in the table `of`: its own, or another's. */
  | { kind: "place"; of: string }
  /** A name, or some, one a line. */
  | { kind: "names" }
  /** Milliseconds since 1970. */
  | { kind: "time" }
  | { kind: "same" };

/** Copies are spread over the last three months. */
export const SPREAD_DAYS = 90;
export const SPREAD_MS = SPREAD_DAYS * 24 * 3600 * 1000;

const PLACES: Readonly<Record<string, string>> = { delivery_seq: "deliveries", webhook_seq: "webhooks" };
const NAMES = [
  ...["id", "webhook_id", "delivery_id", "platform_webhook_id", "search"],
  ...["order_id", "order_name", "order_id_key", "order_name_key"],
];
const TIMES = /(^|_)(at|until|by)$/;

export function kindOf(table: string, column: string): ColumnKind {
  const place = column === "seq" ? table : PLACES[column];
  if (place !== undefined) return { kind: "place", of: place };
  if (NAMES.includes(column)) return { kind: "names" };
  return TIMES.test(column) ? { kind: "time" } : { kind: "same" };
}
