-- As in migrations/postgres; the table stays empty here.

ALTER TABLE services ADD COLUMN process TEXT;
