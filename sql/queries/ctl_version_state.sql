-- $1 version.
SELECT state FROM hall.table_version WHERE id = $1::int
