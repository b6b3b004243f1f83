-- hall.blast_start(who, blast, at): an approved blast begins, now or at a time.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an author or an approver; blast; at: when; NULL: at its starts_at where that is to come, else now.
-- Result: outcome; detail: state (running, or approved when it is scheduled), starts_at.
-- Outcomes: ok; changed: content or list is not what was approved; too_late: it ends before; forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_pace, hall.blast_log; reads the rest of the blast.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_start(p_who text, p_blast text, p_at timestamptz DEFAULT NULL,
	OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
	b hall.blast;
	starts timestamptz;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author,hall_approver}', p_blast, '{approved}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	starts := greatest(coalesce(p_at, b.starts_at, now()), now());
	IF b.ends_at <= starts THEN
		outcome := 'too_late';
		detail := jsonb_build_object('field', 'ends_at', 'why', 'it would end before it begins');
	ELSIF NOT hall.blast_intact(b.id, b.approved_hash) THEN
		outcome := 'changed';
		detail := jsonb_build_object('why', 'it is not what was approved: submit it again');
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	UPDATE hall.blast SET starts_at = starts, scheduled = true WHERE id = b.id;
	IF starts <= now() THEN
		PERFORM hall.blast_begin(b.id, e.who, now());
	ELSE
		PERFORM hall.blast_note(b.id, e.who, 'schedule', jsonb_build_object('at', starts));
	END IF;
	detail := detail || jsonb_build_object('state', CASE WHEN starts <= now() THEN 'running' ELSE 'approved' END,
		'starts_at', starts);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_start(text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_start(text, text, timestamptz) TO smsd, hall_campaign;
