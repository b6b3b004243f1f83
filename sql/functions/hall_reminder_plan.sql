-- hall.reminder_plan(reminder …, on …, step …, after …, n): the runs that follow from triggers not looked at yet.
-- Called by smsd.  Arrays of the same length, one element a step of a reminder.
-- Parameters: reminder: table.reminder; on: the trigger's name that it waits for; step, from 1; after: how many seconds
-- after the trigger it is due; n: triggers at most, the oldest first.
-- Result: how many triggers there were.
-- Tables: writes hall.trigger, hall.reminder_run.
-- Locks: the triggers; those that another smsd works on are passed over.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.reminder_plan(p_reminder text[], p_on text[], p_step smallint[], p_after integer[], p_n integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	taken uuid[];
BEGIN
	SELECT array_agg(t.id) INTO taken FROM hall.trigger_take(p_on, p_n) AS t;
	IF taken IS NULL THEN
		RETURN 0;
	END IF;
	INSERT INTO hall.reminder_run (id, reminder, trigger, step, due)
	SELECT hall.reminder_run_id(r.reminder, t.id, NULL, r.step), r.reminder, t.id, r.step,
		t.at + r.after * interval '1 second'
	FROM hall.trigger t
	JOIN unnest(p_reminder, p_on, p_step, p_after) AS r (reminder, name, step, after) ON r.name = t.name
	WHERE t.id = ANY (taken)
	ON CONFLICT ON CONSTRAINT reminder_run_pkey DO NOTHING;
	UPDATE hall.trigger t SET state = 'done' WHERE t.id = ANY (taken);
	RETURN cardinality(taken);
END
$$;

REVOKE ALL ON FUNCTION hall.reminder_plan(text[], text[], smallint[], integer[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.reminder_plan(text[], text[], smallint[], integer[], integer) TO smsd;
