-- What several relays on one ledger tell each other.

-- The services that live, or lived a day ago. One that was not heard of until `seen_until` is dead.
CREATE TABLE services (
  id         text COLLATE "C" PRIMARY KEY,
  version    text COLLATE "C" NOT NULL,
  started_at bigint NOT NULL,
  seen_until bigint NOT NULL,
  leads      smallint NOT NULL CHECK (leads IN (0, 1))
);

-- Locked by whoever beats, so that one at a time finds out whether anybody leads.
INSERT INTO meta (key, value) VALUES ('leader', '');

-- Outages of the printer cloud (`cloud`), or of one printer's account there (`printer <name>`).
CREATE TABLE outages (
  scope       text COLLATE "C" PRIMARY KEY,
  since       bigint NOT NULL,
  probe_at    bigint NOT NULL,
  unreachable smallint NOT NULL CHECK (unreachable IN (0, 1))
);

-- The service that has it in its hands while `lease_until` is set: when that one dies, another takes it up at once.
ALTER TABLE deliveries ADD COLUMN claimed_by text COLLATE "C";
