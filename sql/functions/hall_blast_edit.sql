-- hall.blast_edit(who, blast, changes): changes a blast that does not run yet.  What was submitted or approved is a draft again,
-- and needs a new approval.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an author; blast; changes: the keys of hall.blast_apply().
-- Result: outcome; detail: id, name, state, approval_lost.
-- Outcomes: ok, forbidden, no_such_blast, wrong_state, bad_value (detail: field, why).
-- Tables: writes hall.blast, hall.blast_variant, hall.blast_text, hall.blast_log.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_edit(p_who text, p_blast text, p_changes jsonb, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
	said record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author}', p_blast, '{draft,submitted,approved}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	BEGIN
		SELECT a.* INTO said FROM hall.blast_apply((e.blast).id, p_changes) a;
		IF said.why IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'HB001', MESSAGE = said.why;
		END IF;
	EXCEPTION WHEN SQLSTATE 'HB001' THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', said.field, 'why', said.why);
		RETURN;
	END;
	PERFORM hall.blast_reopen((e.blast).id);
	PERFORM hall.blast_note((e.blast).id, e.who, 'edit', p_changes);
	detail := detail || jsonb_build_object('state', 'draft', 'approval_lost', (e.blast).state = 'approved');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_edit(text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_edit(text, text, jsonb) TO smsd, hall_campaign;
