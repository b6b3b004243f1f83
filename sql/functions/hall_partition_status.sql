-- hall.partition_status(): how far the daily partitions reach, and whether rows fell beside them.
-- Parameters: none.
-- Result: a row a table: its name (contact: hall.contact_elsewhere); the first and the last day; how many days there are from tomorrow to the last;
-- how many partitions, the default not counted; how many rows lie in the default partition (should be 0).

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.partition_status(OUT parent text, OUT first_day date, OUT last_day date,
	OUT days_ahead integer, OUT partitions integer, OUT stray_rows bigint)
RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
SET timezone = 'UTC'
AS $$
BEGIN
	FOREACH parent IN ARRAY ARRAY['mo', 'mt', 'contact', 'evidence', 'exposure'] LOOP
		SELECT min(d.day), max(d.day), coalesce(greatest(max(d.day) - current_date, 0), 0), count(*)
		INTO first_day, last_day, days_ahead, partitions
		FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid AND c.relname ~ '_[0-9]{8}$',
		LATERAL (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day) d
		WHERE i.inhparent = format('hall.%I', CASE parent WHEN 'contact' THEN 'contact_elsewhere' ELSE parent END)::regclass;
		EXECUTE format('SELECT count(*) FROM hall.%I', parent || '_default') INTO stray_rows;
		RETURN NEXT;
	END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION hall.partition_status() TO smsd, hall_ops, hall_viewer;
