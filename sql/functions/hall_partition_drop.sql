-- hall.partition_drop(keep): drops the daily partitions of hall.mo, hall.mt, hall.contact_elsewhere (contact_YYYYMMDD), hall.evidence
-- and hall.exposure whose day ended more than `keep` ago, and deletes rows as old from the default partitions, and the keys
-- of such contacts.
-- Parameters: keep, at least 6 months: records must be kept that long.
-- Result: the names of what was dropped, oldest first.
-- Errors: 22023 when keep is too short; 55P03 when the tables could not be locked within 3 s: call again later.
-- Locks: the parents, for the moment that a DROP takes.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.partition_drop(keep interval)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '3s'
AS $$
DECLARE
	parent text;
	whole text;
	part text;
BEGIN
	IF keep IS NULL OR now() - keep > now() - interval '6 months' THEN
		RAISE EXCEPTION 'partition_drop: % is younger than the 6 months that records must be kept', keep
			USING ERRCODE = '22023', HINT = 'Give 6 months or more.';
	END IF;
	PERFORM pg_advisory_xact_lock(hashtext('hall.partition'));
	FOREACH parent IN ARRAY ARRAY['mo', 'mt', 'contact', 'evidence', 'exposure'] LOOP
		whole := CASE parent WHEN 'contact' THEN 'contact_elsewhere' ELSE parent END;
		FOR part IN
			SELECT c.relname
			FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = format('hall.%I', whole)::regclass AND c.relname ~ '_[0-9]{8}$'
			  AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 <= now() - keep
			ORDER BY c.relname
		LOOP
			EXECUTE format('DROP TABLE hall.%I', part);
			RETURN NEXT part;
		END LOOP;
		EXECUTE format('DELETE FROM hall.%I WHERE at < $1', parent || '_default') USING now() - keep;
	END LOOP;
	DELETE FROM hall.contact_key k WHERE k.at < now() - keep;
END
$$;

GRANT EXECUTE ON FUNCTION hall.partition_drop(interval) TO hall_ops, smsd;
