-- A session that was signed out stays so after a restart of the relay: its cookie may have been copied.

-- By the session's id, which opens nothing without its seal. Gone when it would have ended by itself.
CREATE TABLE ended_sessions (
  id      TEXT PRIMARY KEY,
  ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_sessions_by_end ON ended_sessions (ends_at);
