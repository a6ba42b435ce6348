-- A buyer can be erased: at the word of whoever runs the relay, or of a store that was told so itself
-- (docs/decisions/0030-forgetting.md).
--
-- Why this shape:
--   * What is to be erased is durable before anything is, so that it goes on after a kill, or a restart.
--   * A row stays for good: it says what was done, when, and by whom. Whom it was about goes when it is done.
--   * A delivery remembers that it was forgotten: what comes for it later is kept without its buyer.

CREATE TABLE erasures (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  store      TEXT,                              -- null: of every store
  subject    TEXT CHECK (subject IS NULL OR json_valid(subject)),  -- ErasureSubject; null once it is done
  asked_at   INTEGER NOT NULL,
  by         TEXT NOT NULL,                     -- cli, with a name where one is known, or store
  done_at    INTEGER,
  deliveries INTEGER NOT NULL DEFAULT 0 CHECK (deliveries >= 0),
  webhooks   INTEGER NOT NULL DEFAULT 0 CHECK (webhooks >= 0), -- without a delivery
  CHECK ((subject IS NULL) = (done_at IS NOT NULL))
) STRICT;
CREATE INDEX erasures_undone ON erasures (seq) WHERE done_at IS NULL;

ALTER TABLE deliveries ADD COLUMN forgotten_at INTEGER; -- when its buyer was erased; null: never

-- All that was ever raised about one delivery, or its alerts would be looked for among everybody's.
CREATE INDEX alerts_by_delivery ON alerts (delivery_id) WHERE delivery_id IS NOT NULL;
