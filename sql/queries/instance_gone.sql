-- $1 instance, which ends: its share of the links' rates is free.
WITH lease AS (DELETE FROM hall.link_lease WHERE instance = $1::text)
DELETE FROM hall.instance WHERE instance = $1::text
