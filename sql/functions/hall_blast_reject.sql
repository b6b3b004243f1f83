-- hall.blast_reject(who, blast, why): it is not to go as it is; a draft again.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an approver, or the author himself who takes it back; blast; why.
-- Result: outcome; detail: state.
-- Outcomes: ok, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_log.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_reject(p_who text, p_blast text, p_why text DEFAULT NULL, OUT outcome hall.blast_outcome,
	OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_approver,hall_author}', p_blast, '{submitted,approved}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	PERFORM hall.blast_reopen((e.blast).id);
	PERFORM hall.blast_note((e.blast).id, e.who, 'reject', jsonb_build_object('why', p_why));
	detail := detail || jsonb_build_object('state', 'draft');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_reject(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_reject(text, text, text) TO smsd, hall_campaign;
