-- hall.reminder_run_id(reminder, trigger, due, step): the id of a run, always the same for the same one.
-- Called by the functions that make runs.
-- Parameters: reminder: table.reminder; trigger: which one, NULL: by schedule; due: the scheduled moment, looked at only
-- where there is no trigger; step, from 1.
-- Result: the id.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.reminder_run_id(p_reminder text, p_trigger uuid, p_due timestamptz, p_step integer)
RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$
	SELECT md5(concat_ws(' ', p_reminder, coalesce(p_trigger::text, extract(epoch FROM p_due)::bigint::text), p_step))::uuid
$$;

REVOKE ALL ON FUNCTION hall.reminder_run_id(text, uuid, timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.reminder_run_id(text, uuid, timestamptz, integer) TO smsd, hall_ops;
