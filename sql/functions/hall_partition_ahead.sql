-- hall.partition_ahead(days): makes the daily partitions (UTC days) of hall.mo, hall.mt, hall.contact_elsewhere (contact_YYYYMMDD),
-- hall.evidence and hall.exposure, from yesterday to `days` days ahead, and moves rows that lay in the default partition meanwhile into them.  Of contacts also
-- those of earlier days that rows strayed to: other channels report late.
-- Called by smsd at its start and now and then; harmless when there is nothing to do.
-- Parameters: days, at least 0.
-- Result: how many partitions were made.
-- Errors: 55P03 when a long transaction holds the tables for 3 s: call again later.
-- Locks: concurrent callers wait for each other.  Each table is made LIKE its parent and then attached, because
-- CREATE TABLE … PARTITION OF would make all batches wait; ATTACH locks the default partition alone.  Only where the day
-- has come, or rows lie in the default partition, do batches wait for the end of this call: one that waits inside the
-- default partition would fail (23514) when the partition takes the day away from it.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.partition_ahead(days integer DEFAULT 7)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '3s'
AS $$
DECLARE
	parent text;
	whole text;
	day date;
	part text;
	stray boolean;
	made integer := 0;
BEGIN
	IF days IS NULL OR days < 0 OR days > 366 THEN
		RAISE EXCEPTION 'partition_ahead: % days ahead make no sense', days
			USING ERRCODE = '22023', HINT = 'Give 0 to 366.';
	END IF;
	PERFORM pg_advisory_xact_lock(hashtext('hall.partition'));
	FOREACH parent IN ARRAY ARRAY['mo', 'mt', 'contact', 'evidence', 'exposure'] LOOP
		whole := CASE parent WHEN 'contact' THEN 'contact_elsewhere' ELSE parent END;
		FOR day IN
			SELECT current_date - 1 + g FROM generate_series(0, days + 1) AS g
			UNION
			SELECT c.at::date FROM hall.contact_default c WHERE parent = 'contact' AND c.at < current_date
			ORDER BY 1
		LOOP
			part := parent || to_char(day, '_YYYYMMDD');
			CONTINUE WHEN to_regclass('hall.' || part) IS NOT NULL;
			EXECUTE format('SELECT EXISTS (SELECT FROM hall.%I)', parent || '_default') INTO stray;
			IF stray OR day <= current_date THEN
				EXECUTE format('LOCK TABLE hall.%I IN SHARE ROW EXCLUSIVE MODE', whole);
			END IF;
			EXECUTE format('CREATE TABLE hall.%I (LIKE hall.%I INCLUDING ALL) WITH (fillfactor = %s)',
				part, whole, CASE parent WHEN 'mt' THEN 80 ELSE 100 END);
			EXECUTE format('LOCK TABLE hall.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
			EXECUTE format('WITH stray AS (DELETE FROM hall.%I WHERE at >= %L AND at < %L RETURNING *)'
				' INSERT INTO hall.%I SELECT * FROM stray',
				parent || '_default', day::timestamptz, (day + 1)::timestamptz, part);
			EXECUTE format('ALTER TABLE hall.%I ATTACH PARTITION hall.%I FOR VALUES FROM (%L) TO (%L)',
				whole, part, day::timestamptz, (day + 1)::timestamptz);
			made := made + 1;
		END LOOP;
	END LOOP;
	RETURN made;
END
$$;

GRANT EXECUTE ON FUNCTION hall.partition_ahead(integer) TO smsd, hall_ops;
