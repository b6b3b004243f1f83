-- hall.trigger_take(names, n): new triggers, to run the reminders that follow from them.
-- Called by hall.reminder_plan(), which says in the same transaction what became of each; without that it comes again.
-- Parameters: names that the tables ask for; n at most.
-- Result: a row a trigger, the oldest first.
-- Tables: hall.trigger.
-- Locks: the triggers returned; those that another smsd works on are passed over.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.trigger_take(p_names text[], p_n integer)
RETURNS TABLE (id uuid, name text, msisdn text, at timestamptz)
LANGUAGE sql SECURITY DEFINER ROWS 100
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
	SELECT t.id, t.name, t.msisdn, t.at
	FROM hall.trigger t
	WHERE t.state = 'new' AND t.name = ANY (p_names)
	ORDER BY t.at
	LIMIT p_n
	FOR UPDATE SKIP LOCKED
$$;

REVOKE ALL ON FUNCTION hall.trigger_take(text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.trigger_take(text[], integer) TO smsd;
