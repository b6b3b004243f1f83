-- hall.blast_pause(who, blast, why): a running blast stops; what it left behind the door waits too.  A step under way ends
-- first, and what that committed is sent.
-- Called by smsctl, the HTTP API, and smsd for a blast that it cannot send.
-- Parameters: who: an author or an approver; blast; why.
-- Result: outcome; detail: state.
-- Outcomes: ok, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.held, hall.blast_log; reads hall.blast_held.
-- Locks: the blast; its messages in hall.held.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_pause(p_who text, p_blast text, p_why text DEFAULT NULL, OUT outcome hall.blast_outcome,
	OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author,hall_approver}', p_blast, '{running}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	UPDATE hall.blast SET state = 'paused' WHERE id = (e.blast).id;
	PERFORM hall.blast_held_due((e.blast).id, 'infinity');
	PERFORM hall.blast_note((e.blast).id, e.who, 'pause', jsonb_build_object('why', p_why));
	detail := detail || jsonb_build_object('state', 'paused');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_pause(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_pause(text, text, text) TO smsd, hall_campaign;
