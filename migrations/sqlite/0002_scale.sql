-- What a ledger needs that has grown for years, and whose clock has jumped.

-- Without it every webhook reads all deliveries: the foreign key is deferred, so SQLite looks for deliveries that
-- wait for the webhook being written.
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id);

-- Kept, not counted: counting a million rows takes longer than anybody may wait for the ledger.
CREATE TABLE delivery_counts (
  state TEXT PRIMARY KEY CHECK (state IN
          ('verifying', 'pending', 'sending', 'accepted', 'printed', 'rejected', 'dead', 'void')),
  count INTEGER NOT NULL CHECK (count >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO delivery_counts (state, count)
  VALUES ('verifying', 0), ('pending', 0), ('sending', 0), ('accepted', 0), ('printed', 0), ('rejected', 0),
         ('dead', 0), ('void', 0);
UPDATE delivery_counts SET count = (SELECT count(*) FROM deliveries WHERE deliveries.state = delivery_counts.state);

CREATE TRIGGER deliveries_count_new AFTER INSERT ON deliveries BEGIN
  UPDATE delivery_counts SET count = count + 1 WHERE state = new.state;
END;
CREATE TRIGGER deliveries_count_moved AFTER UPDATE OF state ON deliveries WHEN new.state <> old.state BEGIN
  UPDATE delivery_counts SET count = count - 1 WHERE state = old.state;
  UPDATE delivery_counts SET count = count + 1 WHERE state = new.state;
END;
CREATE TRIGGER deliveries_count_gone AFTER DELETE ON deliveries BEGIN
  UPDATE delivery_counts SET count = count - 1 WHERE state = old.state;
END;

-- The moment an attempt is signed with, Goodcom's cur_time; durable before anything is sent. No two attempts of one
-- delivery have the same, also when the clock was set back in between.
ALTER TABLE deliveries ADD COLUMN signed_at INTEGER; -- of its latest attempt
ALTER TABLE attempts ADD COLUMN signed_at INTEGER;   -- null for `verify`, and for those made before this column
