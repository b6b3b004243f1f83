-- hall.blast_recipients_clear(who, blast): empties the list of a blast that does not run yet.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an author; blast.
-- Result: outcome; detail: removed, state, approval_lost.
-- Outcomes: ok, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast_recipient, hall.blast_range, hall.blast, hall.blast_log.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_recipients_clear(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author}', p_blast, '{draft,submitted,approved}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	DELETE FROM hall.blast_recipient r WHERE r.blast = (e.blast).id;
	DELETE FROM hall.blast_range r WHERE r.blast = (e.blast).id;
	PERFORM hall.blast_reopen((e.blast).id);
	UPDATE hall.blast SET recipients = 0, list_hash = NULL WHERE id = (e.blast).id;
	PERFORM hall.blast_note((e.blast).id, e.who, 'clear', jsonb_build_object('removed', (e.blast).recipients));
	detail := detail || jsonb_build_object('removed', (e.blast).recipients, 'state', 'draft',
		'approval_lost', (e.blast).state = 'approved');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_recipients_clear(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_recipients_clear(text, text) TO smsd, hall_campaign;
