/** One table, and the column that its rows are moved in the order of. */
export interface Table {
  name: string;
  key: string;
  /** The database numbers its rows. */
  isNumbered: boolean;
  /** SQL of what is not moved. */
  except: string | null;
}

/** Rows of `meta` that each database has for itself: PostgreSQL's locks, the trial of writing, and a move's own. */
const OWN_META = ["settings", "alerts", "leader", "ping", "moving", "moved_to"];

const EXCEPT_META = `key NOT IN (${OWN_META.map((key) => `'${key}'`).join(", ")})`;

const BY_KEY = [
  ["meta", "key"],
  ["printers", "name"],
  ["stores", "name"],
  ["store_watches", "store"],
  ["deliveries", "seq"],
  ["tickets", "delivery_seq"],
  ["webhooks", "seq"],
  ["webhook_bodies", "webhook_seq"],
  ["attempts", "seq"],
  ["confirmations", "seq"],
  ["history", "seq"],
  ["alert_messages", "seq"],
  ["alerts", "seq"],
  ["act_keys", "key_hash"],
  ["erasures", "seq"],
  ["ended_sessions", "id"],
] as const;

/** All that is moved, in this order. */
export const TABLES: readonly Table[] = BY_KEY.map(([name, key]) => ({
  name,
  key,
  isNumbered: key === "seq",
  except: name === "meta" ? EXCEPT_META : null,
}));

/** Of a statement that reads what is moved. */
export function whereOf({ except }: Table, further: string | null): string {
  const conditions = [except, further].filter((condition) => condition !== null);
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
}
