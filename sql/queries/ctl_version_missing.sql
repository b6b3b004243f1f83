-- $1 version: its functions that the database has no longer.
SELECT f.function FROM hall.table_function AS f
WHERE f.version = $1::int AND NOT EXISTS (
	SELECT FROM pg_proc AS p
	WHERE p.pronamespace = 'hall_cmd'::regnamespace AND p.proname = split_part(f.function, '.', 2))
ORDER BY 1
