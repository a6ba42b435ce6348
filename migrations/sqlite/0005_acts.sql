-- An operator's act under an Idempotency-Key is done once, also when its answer was lost and it is asked for again
-- (docs/decisions/0019-idempotency.md).

-- Written in the transaction of the act itself. Keys and requests only as SHA-256: both are strangers' texts of any
-- length. Old ones go with the daily pruning, and whenever another is written.
CREATE TABLE act_keys (
  key_hash     BLOB PRIMARY KEY,
  request_hash BLOB NOT NULL,                          -- what was asked under it: the act, of what, and with which words
  result       TEXT NOT NULL CHECK (json_valid(result)), -- what the first answer was made of; nothing of a buyer
  done_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX act_keys_by_age ON act_keys (done_at);
