-- The relay asks the stores, and does not only wait to be told (docs/decisions/0023-both-ways.md).

-- How the order came: the store called, the relay found it missing, or had it cancelled itself.
ALTER TABLE webhooks ADD COLUMN origin TEXT NOT NULL DEFAULT 'webhook'
  CHECK (origin IN ('webhook', 'reconcile', 'cancel'));

-- What a run could not understand it meets again at the next: asked for by its label, order by order.
CREATE INDEX webhooks_quarantined ON webhooks (store, platform_webhook_id) WHERE status = 'quarantined';

-- What is remembered of each store's API. A store without a row: as it was added, at stores.created_at.
CREATE TABLE store_watches (
  store           TEXT PRIMARY KEY REFERENCES stores (name) ON DELETE CASCADE,
  since           INTEGER NOT NULL, -- what was cancelled before is history, and is not fetched
  reconciled_to   INTEGER,          -- up to here everything cancelled at the store is in the ledger
  reconciled_at   INTEGER,
  reconcile_error TEXT,
  found_count     INTEGER NOT NULL DEFAULT 0 CHECK (found_count >= 0),
  subscribed_at   INTEGER,          -- null: its subscription was never seen, so nobody misses it
  subscription_id TEXT,
  checked_at      INTEGER,
  check_error     TEXT
) STRICT, WITHOUT ROWID;

-- What the stores of before cancelled until now either came by webhook or is long forgotten by the kitchen.
INSERT INTO store_watches (store, since)
  SELECT name, CAST(unixepoch('subsec') * 1000 AS INTEGER) FROM stores;
