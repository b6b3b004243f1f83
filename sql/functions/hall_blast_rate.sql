-- hall.blast_rate(who, blast, rate): how many messages a second a blast may send at most, also while it runs.
-- Called by smsctl and the HTTP API.  Needs no new approval.
-- Parameters: who: an author or an approver; blast; rate: from 1 to 100000; NULL: whatever the door gives.
-- Result: outcome; detail: rate, was.
-- Outcomes: ok, bad_value, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.blast_log.
-- Locks: the blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_rate(p_who text, p_blast text, p_rate integer, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author,hall_approver}', p_blast,
		'{draft,submitted,approved,running,paused}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome = 'ok' AND (p_rate < 1 OR p_rate > 100000) THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', 'rate', 'why', 'from 1 to 100000 messages a second are possible');
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	UPDATE hall.blast SET rate = p_rate WHERE id = (e.blast).id;
	PERFORM hall.blast_note((e.blast).id, e.who, 'rate', jsonb_build_object('rate', p_rate, 'was', (e.blast).rate));
	detail := detail || jsonb_build_object('rate', p_rate, 'was', (e.blast).rate);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_rate(text, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_rate(text, text, integer) TO smsd, hall_campaign;
