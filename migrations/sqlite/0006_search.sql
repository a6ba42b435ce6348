-- Search and time filters that stay quick at a million rows (docs/decisions/0020-search.md).

-- A ULID holds the moment at which it was made, so a time filter is a range of ids, in every index that ends in `id`.
-- 1: not of this one. It came from a webhook that was replayed, or a clock was set; there are few.
ALTER TABLE deliveries ADD COLUMN created_apart INTEGER NOT NULL DEFAULT 0 CHECK (created_apart IN (0, 1));
CREATE INDEX deliveries_apart ON deliveries (created_at) WHERE created_apart = 1;

-- The first ten characters of an id are its milliseconds in Crockford's base 32.
UPDATE deliveries SET created_apart = 1 WHERE length(id) <> 26 OR abs(created_at - (
  (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 1, 1)) - 1 << 45)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 2, 1)) - 1 << 40)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 3, 1)) - 1 << 35)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 4, 1)) - 1 << 30)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 5, 1)) - 1 << 25)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 6, 1)) - 1 << 20)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 7, 1)) - 1 << 15)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 8, 1)) - 1 << 10)
  + (instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 9, 1)) - 1 << 5)
  + instr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', substr(id, 10, 1)) - 1)) > 60000;

-- What a buyer is found by: the name in lower case and the digits of the phone, one a line. Beside the ticket, so that
-- it goes when the ticket does. Null: neither is known, or it was written before this column.
ALTER TABLE tickets ADD COLUMN buyer TEXT;
