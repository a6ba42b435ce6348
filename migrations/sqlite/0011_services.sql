-- What several relays on one ledger tell each other. A file is one service's alone (its lock says so): here both tables
-- stay empty, and stand for what migrations/postgres has.

-- The services that live, or lived a day ago. One that was not heard of until `seen_until` is dead.
CREATE TABLE services (
  id         TEXT PRIMARY KEY,
  version    TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  seen_until INTEGER NOT NULL,
  leads      INTEGER NOT NULL CHECK (leads IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Outages of the printer cloud (`cloud`), or of one printer's account there (`printer <name>`).
CREATE TABLE outages (
  scope       TEXT PRIMARY KEY,
  since       INTEGER NOT NULL,
  probe_at    INTEGER NOT NULL,
  unreachable INTEGER NOT NULL CHECK (unreachable IN (0, 1))
) STRICT, WITHOUT ROWID;

-- The service that has it in its hands while `lease_until` is set: when that one dies, another takes it up at once.
ALTER TABLE deliveries ADD COLUMN claimed_by TEXT;
