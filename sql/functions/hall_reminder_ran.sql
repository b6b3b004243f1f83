-- hall.reminder_ran(id …, rows …, version, columns …, wait …, most …, now): these runs' SQL was run, and its rows kept.
-- Called by smsd in the same transaction.  Arrays, one element a run.
-- Parameters: ids; how many rows each gave; version of the tables; their columns, one a line; wait: seconds until the next
-- level of an escalation; most: its last level, 0: it is none; now.
-- Result: how many further levels were planned.  There is one while the last gave rows: no row says that the matter is
-- settled, or that there is nobody to tell.
-- Tables: writes hall.reminder_run.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.reminder_ran(p_id uuid[], p_rows integer[], p_version integer, p_columns text[], p_wait integer[],
	p_most smallint[], p_now timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	planned integer;
BEGIN
	UPDATE hall.reminder_run r
	SET state = 'ran', ran_at = p_now, rows = t.rows, version = p_version, columns = t.columns
	FROM unnest(p_id, p_rows, p_columns) AS t (id, rows, columns)
	WHERE r.id = t.id;
	-- The first run's own moment names the later levels too.
	INSERT INTO hall.reminder_run (id, reminder, trigger, step, due)
	SELECT md5(r.id::text || ' next')::uuid, r.reminder, r.trigger, r.step + 1,
		date_trunc('second', p_now) + t.wait * interval '1 second'
	FROM unnest(p_id, p_rows, p_wait, p_most) AS t (id, rows, wait, most)
	JOIN hall.reminder_run r ON r.id = t.id
	WHERE t.rows > 0 AND r.step < t.most
	ON CONFLICT ON CONSTRAINT reminder_run_pkey DO NOTHING;
	GET DIAGNOSTICS planned = ROW_COUNT;
	RETURN planned;
END
$$;

REVOKE ALL ON FUNCTION hall.reminder_ran(uuid[], integer[], integer, text[], integer[], smallint[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.reminder_ran(uuid[], integer[], integer, text[], integer[], smallint[], timestamptz) TO smsd;
