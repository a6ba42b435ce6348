-- The first ledger: every authentic webhook, every delivery and what became of it, and the settings of
-- printers and stores.
--
-- Why this shape:
--   * What is scanned is narrow; what is large and read one at a time (bodies, tickets, requests) stands in
--     tables or columns of its own, compressed by zlib, whose checksum tells of a flipped bit.
--   * `id` is a ULID and public; `seq` is the row's place in the file and never leaves the ledger.
--   * States are text with a CHECK, and equal the `as const` lists in src/core and src/ledger/ledger.ts
--     (test/ledger/schema.test.ts compares them).
--   * Every `*_at`, `*_until` and `*_by` that holds a moment is an integer: Unix milliseconds, UTC.
--   * Stores, printers and platforms are kept by name as text: a delivery outlives the settings it came from.

-- Small facts about the ledger itself, such as the last proof that it can be written.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE printers (
  name       TEXT PRIMARY KEY,
  settings   TEXT NOT NULL CHECK (json_valid(settings)), -- PrinterSettings without api_key and secret_key
  secrets    BLOB NOT NULL,                              -- those two, sealed (src/ledger/seal.ts)
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE stores (
  name       TEXT PRIMARY KEY,
  platform   TEXT NOT NULL CHECK (platform IN ('shopline', 'shoplazza', 'fastpod')),
  printer    TEXT NOT NULL REFERENCES printers (name),
  settings   TEXT NOT NULL CHECK (json_valid(settings)), -- StoreSettings without secrets and api.token
  secrets    BLOB NOT NULL,                              -- those, sealed
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX stores_by_printer ON stores (printer);

-- The duty to get one ticket onto one printer. The states are told in src/core/delivery.ts.
CREATE TABLE deliveries (
  seq             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  kind            TEXT NOT NULL CHECK (kind IN ('cancellation', 'reprint', 'test')),
  state           TEXT NOT NULL CHECK (state IN
                    ('verifying', 'pending', 'sending', 'accepted', 'printed', 'rejected', 'dead', 'void')),
  attention       TEXT CHECK (attention IN
                    ('repeat_limit', 'unconfirmed', 'dead', 'verify_failing', 'rejected')),
  platform        TEXT CHECK (platform IN ('shopline', 'shoplazza', 'fastpod')),
  store           TEXT,             -- null for a test slip
  printer         TEXT NOT NULL,
  order_id        TEXT NOT NULL,    -- the platform's own id of the order: with `store` the dedupe key
  order_name      TEXT NOT NULL,
  order_id_key    TEXT NOT NULL,    -- lower case, without a leading #: what people search by
  order_name_key  TEXT NOT NULL,
  search          TEXT NOT NULL,    -- lower case: id, order_id, order_name, reason, one a line
  cancelled_at    INTEGER,
  reason          TEXT,
  -- Deferred: webhook and delivery name each other, and the delivery is written first.
  webhook_id      TEXT REFERENCES webhooks (id) DEFERRABLE INITIALLY DEFERRED,
  reprint_of      TEXT REFERENCES deliveries (id), -- always the first delivery, never another reprint
  reprint_number  INTEGER CHECK (reprint_number >= 1),
  attempt_count   INTEGER NOT NULL DEFAULT 0 CHECK (attempt_count >= 0),
  retry_step      INTEGER NOT NULL DEFAULT 0 CHECK (retry_step >= 0),
  unknown_count   INTEGER NOT NULL DEFAULT 0 CHECK (unknown_count >= 0),
  may_be_repeat   INTEGER NOT NULL DEFAULT 0 CHECK (may_be_repeat IN (0, 1)),
  denied_count    INTEGER NOT NULL DEFAULT 0 CHECK (denied_count >= 0),
  endpoint        TEXT CHECK (endpoint IN ('submitorder')), -- set once cancel_then_submit has fallen back
  next_attempt_at INTEGER,          -- when it may be claimed; null on a `pending` one: held
  lease_until     INTEGER,          -- while somebody works on it: until when nobody else may
  useful_until    INTEGER NOT NULL,
  confirm_by      INTEGER,          -- set while an `accepted` one is unconfirmed and not yet alerted
  created_at      INTEGER NOT NULL,
  accepted_at     INTEGER,
  printed_at      INTEGER,
  last_error      TEXT,
  -- NULLs are distinct in a unique index, so a cancellation without a store would escape the dedupe.
  CHECK (kind <> 'cancellation' OR store IS NOT NULL),
  CHECK ((kind = 'reprint') = (reprint_of IS NOT NULL) AND (reprint_of IS NULL) = (reprint_number IS NULL)),
  -- A `sending` row without a lease would never be swept.
  CHECK (state <> 'sending' OR lease_until IS NOT NULL)
) STRICT;

-- One slip per cancellation, for good: this index is the dedupe.
CREATE UNIQUE INDEX deliveries_dedupe ON deliveries (store, order_id) WHERE kind = 'cancellation';
CREATE UNIQUE INDEX deliveries_reprints ON deliveries (reprint_of, reprint_number) WHERE reprint_of IS NOT NULL;

-- What the worker asks for. `printer` is in the first so that one printer's outage is stepped over cheaply.
CREATE INDEX deliveries_due ON deliveries (state, next_attempt_at, seq, printer)
  WHERE state IN ('pending', 'verifying') AND next_attempt_at IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (seq) WHERE state = 'pending' AND next_attempt_at IS NULL;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX deliveries_confirm ON deliveries (confirm_by) WHERE state = 'accepted' AND confirm_by IS NOT NULL;
CREATE INDEX deliveries_useful ON deliveries (useful_until) WHERE state IN ('pending', 'verifying');

-- What people ask for: newest first, by one thing or another. The order by `id` alone is its UNIQUE's index.
CREATE INDEX deliveries_by_state ON deliveries (state, id);
CREATE INDEX deliveries_attention ON deliveries (id) WHERE attention IS NOT NULL;
CREATE INDEX deliveries_by_store ON deliveries (store, id) WHERE store IS NOT NULL;
CREATE INDEX deliveries_by_printer ON deliveries (printer, id);
CREATE INDEX deliveries_by_order_id ON deliveries (order_id_key);
CREATE INDEX deliveries_by_order_name ON deliveries (order_name_key);

-- What must be read, so that a slip can be printed again when the webhook's body is long gone.
CREATE TABLE tickets (
  delivery_seq INTEGER PRIMARY KEY REFERENCES deliveries (seq),
  ticket       BLOB NOT NULL -- Ticket as JSON, deflated
) STRICT;

-- Authentic inbound requests. A duplicate is one narrow row here and nothing else.
CREATE TABLE webhooks (
  seq                 INTEGER PRIMARY KEY,
  id                  TEXT NOT NULL UNIQUE,
  status              TEXT NOT NULL CHECK (status IN ('accepted', 'duplicate', 'ignored', 'quarantined')),
  reason              TEXT,    -- why it was ignored or quarantined
  platform            TEXT NOT NULL CHECK (platform IN ('shopline', 'shoplazza', 'fastpod')),
  store               TEXT NOT NULL,
  platform_webhook_id TEXT,    -- the sender's, unsigned: kept to be seen, decides nothing
  topic               TEXT,    -- the sender's, unsigned
  headers             TEXT NOT NULL CHECK (json_valid(headers)), -- by the platform's allow-list
  delivery_id         TEXT REFERENCES deliveries (id),
  body_bytes          INTEGER NOT NULL CHECK (body_bytes >= 0),  -- as received, also when the body is not kept
  received_at         INTEGER NOT NULL,
  CHECK ((status IN ('accepted', 'duplicate')) = (delivery_id IS NOT NULL))
) STRICT;
CREATE INDEX webhooks_by_status ON webhooks (status, id);
CREATE INDEX webhooks_by_store ON webhooks (store, id);

-- Raw bodies as received: none for a duplicate, and old ones are pruned.
CREATE TABLE webhook_bodies (
  webhook_seq INTEGER PRIMARY KEY REFERENCES webhooks (seq),
  body        BLOB NOT NULL -- deflated
) STRICT;

-- Every try: to ask the store's API (`verify`) or to post to Goodcom (`send`).
CREATE TABLE attempts (
  seq           INTEGER PRIMARY KEY,
  delivery_seq  INTEGER NOT NULL REFERENCES deliveries (seq),
  kind          TEXT NOT NULL CHECK (kind IN ('verify', 'send')),
  -- From 1 within delivery and kind. Not unique: an answer may come after its attempt was given up as lost.
  number        INTEGER NOT NULL CHECK (number >= 1),
  started_at    INTEGER NOT NULL,
  finished_at   INTEGER NOT NULL,
  outcome       TEXT NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'unavailable', 'unknown')),
  detail        TEXT NOT NULL,
  http_status   INTEGER,
  request       BLOB, -- masked JSON text, deflated
  response      BLOB, -- the answer's first bytes, deflated
  clock_skew_ms INTEGER
) STRICT;
CREATE INDEX attempts_by_delivery ON attempts (delivery_seq, kind, number);

-- What the printer cloud called back, each time it did.
CREATE TABLE confirmations (
  seq          INTEGER PRIMARY KEY,
  delivery_seq INTEGER NOT NULL REFERENCES deliveries (seq),
  at           INTEGER NOT NULL,
  verdict      TEXT NOT NULL CHECK (verdict IN ('accepted', 'rejected', 'unrecognised')),
  message      TEXT,
  time         TEXT, -- as the printer wrote it: no moment of ours
  raw          BLOB NOT NULL -- JSON text, deflated
) STRICT;
CREATE INDEX confirmations_by_delivery ON confirmations (delivery_seq);

-- What is worth telling about a delivery, in one line each.
CREATE TABLE history (
  seq          INTEGER PRIMARY KEY,
  delivery_seq INTEGER NOT NULL REFERENCES deliveries (seq),
  at           INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state IN -- after it
                 ('verifying', 'pending', 'sending', 'accepted', 'printed', 'rejected', 'dead', 'void')),
  by           TEXT NOT NULL, -- relay, printer, operator, cli
  note         TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_delivery ON history (delivery_seq);
