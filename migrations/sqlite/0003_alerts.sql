-- What needs a person, and what was told about it. Until now this was known to the process alone, and forgotten with it.
--
-- Why this shape:
--   * An alert is a matter that is open or closed; the unique index lets a matter be open once.
--   * `tell_at` is the only thing looked at to know what is to be told: set by raising and by closing, moved on by telling.
--   * A message is written whole before it is sent, and keeps its id and its body over all tries: also over a restart.
--   * Types are not checked here: a further one needs no migration. The list is in src/core/alert.ts.
--   * Nothing here is touched by an ordinary webhook or an ordinary delivery.

CREATE TABLE alert_messages (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE, -- the `webhook-id` of every try
  body        TEXT NOT NULL CHECK (json_valid(body)),
  created_at  INTEGER NOT NULL,
  tries       INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  next_try_at INTEGER,              -- null: nothing more is done about it
  ended_at    INTEGER,
  outcome     TEXT CHECK (outcome IN ('sent', 'given_up', 'gone', 'superseded')),
  error       TEXT,                 -- of the last try
  CHECK ((next_try_at IS NULL) = (outcome IS NOT NULL) AND (outcome IS NULL) = (ended_at IS NULL))
) STRICT;
CREATE INDEX alert_messages_due ON alert_messages (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TABLE alerts (
  -- Never given out twice: the public id is made of it.
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  type        TEXT NOT NULL CHECK (type GLOB '[a-z]*.[a-z]*'),
  matter      TEXT NOT NULL,
  delivery_id TEXT,
  webhook_id  TEXT,
  order_id    TEXT,
  order_name  TEXT,
  store       TEXT,
  printer     TEXT,
  reason      TEXT NOT NULL,
  -- One that stands for those of its type that were too many: how many, and between which ids.
  count       INTEGER NOT NULL DEFAULT 1 CHECK (count >= 1),
  first_id    TEXT,
  last_id     TEXT,
  gathered    INTEGER NOT NULL DEFAULT 0 CHECK (gathered IN (0, 1)),
  raised_at   INTEGER NOT NULL,
  latest_at   INTEGER NOT NULL,     -- of a gathered one: when the latest was counted in
  tell_at     INTEGER,              -- when a message about it is due: of its state, or of its end
  told_at     INTEGER,
  told_times  INTEGER NOT NULL DEFAULT 0 CHECK (told_times >= 0),
  message_id  TEXT REFERENCES alert_messages (id) ON DELETE SET NULL, -- the latest about it
  closed_at   INTEGER,
  ended       TEXT,
  CHECK ((closed_at IS NULL) = (ended IS NULL))
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (matter) WHERE closed_at IS NULL;
CREATE INDEX alerts_to_tell ON alerts (tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX alerts_by_type ON alerts (type, raised_at);
CREATE INDEX alerts_by_message ON alerts (message_id) WHERE message_id IS NOT NULL;
