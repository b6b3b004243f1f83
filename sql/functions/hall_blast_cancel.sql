-- hall.blast_cancel(who, blast, why): it ends here.  What waits behind the door is refused (cancelled); what was sent was sent.
-- Called by smsctl and the HTTP API.
-- Parameters: who: an author or an approver; blast; why.
-- Result: outcome; detail: state, refused (how many that waited).
-- Outcomes: ok, forbidden, no_such_blast, wrong_state.
-- Tables: writes hall.blast, hall.held, hall.mt, hall.blast_log; reads hall.blast_held.
-- Locks: the blast; its messages in hall.held.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_cancel(p_who text, p_blast text, p_why text DEFAULT NULL, OUT outcome hall.blast_outcome,
	OUT detail jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
	stopped integer;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, '{hall_author,hall_approver}', p_blast,
		'{draft,submitted,approved,running,paused}') x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	WITH gone AS (
		DELETE FROM hall.held h USING hall.blast_held b
		WHERE b.blast = (e.blast).id AND h.msisdn = b.msisdn AND h.at = b.at AND h.id = b.id
		RETURNING h.msisdn, h.at, h.id
	), refused AS (
		UPDATE hall.mt m SET state = 'refused', why = 'cancelled'
		FROM gone g
		WHERE m.msisdn = g.msisdn AND m.at = g.at AND m.id = g.id AND m.state = 'held'
		RETURNING 1
	)
	SELECT count(*) INTO stopped FROM refused;
	UPDATE hall.blast SET state = 'cancelled', scheduled = false, finished_at = now() WHERE id = (e.blast).id;
	PERFORM hall.blast_note((e.blast).id, e.who, 'cancel', jsonb_build_object('why', p_why, 'refused', stopped));
	detail := detail || jsonb_build_object('state', 'cancelled', 'refused', stopped);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_cancel(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_cancel(text, text, text) TO smsd, hall_campaign;
