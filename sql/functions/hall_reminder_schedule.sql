-- hall.reminder_schedule(version, reminder …, every …, zone …, last …, next …): the schedules of the tables in force, and a
-- run for each that has become due.
-- Called by smsd whenever one may be due, and when it has new tables.  Arrays, one element a reminder.
-- Parameters: version of the tables; reminder: table.reminder; every, zone, as written; last: the moment of its schedule that
-- was last, not after now; next: the first one after now.
-- Result: a row a reminder: when it is due next.  None when that version is not the active one: whoever has that does it.
-- A new reminder, or one whose schedule was changed, is due at `next` for the first time.  One that was due since it was
-- last looked at is run once, for `last`: of several missed moments the others are left out.
-- Where clocks were put back nothing is due before `next` comes again.
-- Tables: hall.table_version; writes hall.reminder_schedule, hall.reminder_run.
-- Locks: the rows of hall.reminder_schedule that change, in order.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.reminder_schedule(p_version integer, p_reminder text[], p_every text[], p_zone text[],
	p_last timestamptz[], p_next timestamptz[])
RETURNS TABLE (reminder text, next timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM hall.table_version v WHERE v.id = p_version AND v.state = 'active') THEN
		RETURN;
	END IF;
	-- What is in no table any more begins anew when it comes back.
	DELETE FROM hall.reminder_schedule s WHERE s.reminder <> ALL (p_reminder);
	PERFORM 1
	FROM hall.reminder_schedule s
	JOIN unnest(p_reminder, p_every, p_zone, p_last) AS t (reminder, every, zone, last) ON t.reminder = s.reminder
	WHERE s.next <= t.last OR (s.every, s.zone) <> (t.every, t.zone)
	ORDER BY s.reminder
	FOR UPDATE OF s;
	INSERT INTO hall.reminder_schedule AS s (reminder, every, zone, next)
	SELECT t.reminder, t.every, t.zone, t.next
	FROM unnest(p_reminder, p_every, p_zone, p_next) AS t (reminder, every, zone, next)
	ORDER BY t.reminder
	ON CONFLICT ON CONSTRAINT reminder_schedule_pkey
	DO UPDATE SET every = excluded.every, zone = excluded.zone, next = excluded.next
	WHERE (s.every, s.zone) <> (excluded.every, excluded.zone);
	WITH due AS (
		UPDATE hall.reminder_schedule s
		SET last = t.last, next = t.next
		FROM unnest(p_reminder, p_last, p_next) AS t (reminder, last, next)
		WHERE t.reminder = s.reminder AND s.next <= t.last
		RETURNING s.reminder, s.last
	)
	INSERT INTO hall.reminder_run (id, reminder, step, due)
	SELECT hall.reminder_run_id(d.reminder, NULL, d.last, 1), d.reminder, 1, d.last
	FROM due d
	ON CONFLICT ON CONSTRAINT reminder_run_pkey DO NOTHING;
	RETURN QUERY SELECT s.reminder, s.next FROM hall.reminder_schedule s;
END
$$;

REVOKE ALL ON FUNCTION hall.reminder_schedule(integer, text[], text[], text[], timestamptz[], timestamptz[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.reminder_schedule(integer, text[], text[], text[], timestamptz[], timestamptz[]) TO smsd;
