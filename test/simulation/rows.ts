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
  /**
   * Whether nobody knows of some attempt that it did not print; where it was redriven, of some attempt of another slip of
   * its order either.
   */
  mayHavePrinted(id: string, wasRedriven: boolean): boolean;
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

const SENT_BESIDE = `SELECT count(*) AS many FROM deliveries
  JOIN (SELECT id AS own, coalesce(reprint_of, id) AS first FROM deliveries WHERE id = ?) AS of_order
    ON id <> own AND coalesce(reprint_of, id) = first
  WHERE state IN ('sending', 'accepted', 'printed', 'rejected')
    OR EXISTS (SELECT 1 FROM attempts WHERE outcome = 'unknown' AND kind = 'send' AND delivery_seq = deliveries.seq)`;

export function createRows(eyes: Eyes): Rows {
  const isAny = (sql: string, id: string): boolean =>
    (eyes.look<{ many: number }>(sql, id)[0]?.many ?? 0) > 0;
  return {
    all: () => eyes.look<Row>(ALL),
    find: (id) => eyes.look<Row>(FIND, id)[0],
    mayHavePrinted: (id, wasRedriven) => isAny(UNKNOWNS, id) || (wasRedriven && isAny(SENT_BESIDE, id)),
    webhooks: () => eyes.look<{ id: string }>("SELECT id FROM webhooks ORDER BY seq").map(({ id }) => id),
    integrity: () => eyes.integrity(),
    strays: () => eyes.strays(),
  };
}
