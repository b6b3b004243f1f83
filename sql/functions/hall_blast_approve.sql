-- hall.blast_approve(who, blast, hash): somebody who had no part in it says that it may go.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an approver; blast; hash: of what he looked at (blast_show's content_hash); NULL: as it is.
-- Result: outcome; detail: hash, state.
-- Outcomes: ok; own: he wrote, changed, filled or submitted it; changed: it is not what he looked at, or not what was submitted;
-- too_late, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_log; reads the rest of the blast.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_approve(p_who text, p_blast text, p_hash text DEFAULT NULL, OUT outcome hall.blast_outcome,
	OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
	b hall.blast;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_approver}', p_blast, '{submitted}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	IF EXISTS (SELECT FROM hall.blast_log l WHERE l.blast = b.id AND l.who = e.who
			AND l.action IN ('new', 'edit', 'recipients', 'clear', 'submit')) THEN
		outcome := 'own';
		detail := jsonb_build_object('why', format('%s had a part in it: somebody else must approve it', e.who));
	ELSIF b.ends_at <= now() THEN
		outcome := 'too_late';
		detail := jsonb_build_object('field', 'ends_at', 'why', 'its end is in the past');
	ELSIF p_hash <> b.content_hash OR NOT hall.blast_intact(b.id, b.content_hash) THEN
		outcome := 'changed';
		detail := jsonb_build_object('hash', b.content_hash, 'why', 'it was changed: look at it again');
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	UPDATE hall.blast SET state = 'approved', approver = e.who, approved_at = now(), approved_hash = content_hash WHERE id = b.id;
	PERFORM hall.blast_note(b.id, e.who, 'approve', jsonb_build_object('hash', b.content_hash));
	detail := detail || jsonb_build_object('hash', b.content_hash, 'state', 'approved');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_approve(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_approve(text, text, text) TO smsd, hall_campaign;
