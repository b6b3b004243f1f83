-- hall_api.event_places(code, places, waiting_places, now): staff change how many an event can take; who waits first
-- moves up first (bss.registration.promoted_at says when).  Not for commands.
-- Parameters: code; places; waiting_places; now.
-- Result: one row.  moved: how many moved up; taken, waiting: after it.
-- Outcomes: ok | too_few (more are in, or wait, than that) | over (begun) | unknown_event.
-- Tables: writes bss.event, bss.registration.
-- Locks: the event, then the registrations of who moves up.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_places_outcome', 'ok', 'too_few', 'over', 'unknown_event');

CREATE OR REPLACE FUNCTION hall_api.event_places(p_code text, p_places integer, p_waiting_places integer, p_now timestamptz,
	OUT outcome hall_api.event_places_outcome, OUT moved integer, OUT taken integer, OUT waiting integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	e bss.event;
	moving integer;
BEGIN
	moved := 0;
	SELECT * INTO e FROM bss.event u WHERE u.code = p_code FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		outcome := 'unknown_event';
		RETURN;
	END IF;
	taken := e.taken;
	waiting := e.waiting;
	moving := least(e.waiting, p_places - e.taken);
	IF e.starts_at <= p_now THEN
		outcome := 'over';
		RETURN;
	ELSIF moving < 0 OR p_waiting_places < e.waiting - moving THEN
		outcome := 'too_few';
		RETURN;
	END IF;
	UPDATE bss.event u SET places = p_places, waiting_places = greatest(p_waiting_places, u.waiting) WHERE u.code = p_code;
	moved := bss.event_fill(p_code, p_now);
	UPDATE bss.event u SET waiting_places = p_waiting_places WHERE u.code = p_code
	RETURNING u.taken, u.waiting INTO taken, waiting;
	outcome := 'ok';
END
$$;

REVOKE ALL ON FUNCTION hall_api.event_places(text, integer, integer, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.event_places(text, integer, integer, timestamptz) TO hall_channel, hall_ops;
