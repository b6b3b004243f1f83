-- hall.blast_seal_list(who, blast): the list is complete: says its hash.  A later change breaks the seal.
-- Called by smsctl and the HTTP API; hall.blast_submit() seals what is not.
-- Parameters: who: an author; blast.
-- Result: outcome; detail: recipients, list_hash, ranges.
-- Outcomes: ok, incomplete (nobody on it), forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_range; reads hall.blast_recipient.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_seal_list(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author}', p_blast, '{draft}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome = 'ok' AND (e.blast).recipients = 0 THEN
		outcome := 'incomplete';
		detail := jsonb_build_object('field', 'recipients', 'why', 'nobody is on the list');
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	detail := detail || jsonb_build_object('recipients', (e.blast).recipients, 'list_hash', hall.blast_seal((e.blast).id));
	detail := detail || jsonb_build_object('ranges', (SELECT count(*) FROM hall.blast_range r WHERE r.blast = (e.blast).id));
END
$$;

REVOKE ALL ON FUNCTION hall.blast_seal_list(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_seal_list(text, text) TO smsd, hall_campaign;
