import type { Delivery } from "../../src/core/delivery.ts";
import type { Eyes } from "./medium.ts";

/** A delivery as it is stored, without what is only to be read. */
export type Row = Pick<
  Delivery,
  | (
      | "id"
      | "kind"
      | "state"
      | "attention"
      | "store"
      | "printer"
      | "order_id"
      | "attempt_count"
      | "retry_step"
    )
  | ("unknown_count" | "next_attempt_at" | "lease_until" | "useful_until" | "accepted_at" | "reprint_number")
  | ("denied_count" | "last_error")
> & {
  /** The service in whose hands it was last; null where there is one alone. */
  claimed_by: string | null;
};

/** What is really in the ledger, seen by another connection: never by the code under test. */
export interface Rows {
  all(): Row[];
  find(id: string): Row | undefined;
  /** Attempts of which nobody knows whether they printed. */
  unknowns(id: string): number;
  webhooks(): string[];
  integrity(): string;
  strays(): number;
}

const COLUMNS = `id, kind, state, attention, store, printer, order_id, attempt_count, retry_step, unknown_count,
  next_attempt_at, lease_until, useful_until, accepted_at, reprint_number, denied_count, last_error, claimed_by`;

const ALL = `SELECT ${COLUMNS} FROM deliveries ORDER BY seq`;
const FIND = `SELECT ${COLUMNS} FROM deliveries WHERE id = ?`;
const UNKNOWNS = `SELECT count(*) AS many FROM attempts WHERE outcome = 'unknown' AND kind = 'send'
  AND delivery_seq = (SELECT seq FROM deliveries WHERE id = ?)`;

export function createRows(eyes: Eyes): Rows {
  return {
    all: () => eyes.look<Row>(ALL),
    find: (id) => eyes.look<Row>(FIND, id)[0],
    unknowns: (id) => eyes.look<{ many: number }>(UNKNOWNS, id)[0]?.many ?? 0,
    webhooks: () => eyes.look<{ id: string }>("SELECT id FROM webhooks ORDER BY seq").map(({ id }) => id),
    integrity: () => eyes.integrity(),
    strays: () => eyes.strays(),
  };
}
