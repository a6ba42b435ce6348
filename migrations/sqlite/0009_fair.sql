-- No store takes the others' turn: where more is due than can be taken, each store's oldest goes in turn
-- (src/ledger/sqlite/claim.ts).
--
-- Why this shape: the store stands before the moment, so that a claim steps from store to store, and reads no more of
-- one that floods than it takes from it.

CREATE INDEX deliveries_due_by_store ON deliveries (state, store, next_attempt_at, seq, printer)
  WHERE state IN ('pending', 'verifying') AND next_attempt_at IS NOT NULL;
