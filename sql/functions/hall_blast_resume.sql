-- hall.blast_resume(who, blast): a paused blast goes on where it stopped.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an author or an approver; blast.
-- Result: outcome; detail: state.
-- Outcomes: ok, too_late: its end has come; forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_pace, hall.held, hall.blast_log; reads hall.blast_held.
-- Locks: the blast; its messages in hall.held.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_resume(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author,hall_approver}', p_blast, '{paused}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome = 'ok' AND (e.blast).ends_at <= now() THEN
		outcome := 'too_late';
		detail := jsonb_build_object('field', 'ends_at', 'why', 'its end has come');
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	UPDATE hall.blast SET state = 'running' WHERE id = (e.blast).id;
	UPDATE hall.blast_pace SET tokens = 0, at = now() WHERE blast = (e.blast).id;
	PERFORM hall.blast_held_due((e.blast).id, now());
	PERFORM hall.blast_note((e.blast).id, e.who, 'resume');
	detail := detail || jsonb_build_object('state', 'running');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_resume(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_resume(text, text) TO smsd, hall_campaign;
