-- Which process of which machine a service is: whoever starts there again knows at once that the one before has ended.
-- works with: 3

ALTER TABLE services ADD COLUMN process text COLLATE "C";
