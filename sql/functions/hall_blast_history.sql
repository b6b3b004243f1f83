-- hall.blast_history(who, blast): what was done with a blast, by whom, when.
-- Called by smsctl and the HTTP API.
-- Parameters: who: a viewer; blast.
-- Result: outcome; detail.log: an array of at, who, action, detail, the oldest first.
-- Outcomes: ok, forbidden, no_such_blast.
-- Tables: hall.blast, hall.blast_log.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_history(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	e record;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome = 'ok' THEN
		detail := detail || jsonb_build_object('log', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', l.at, 'who', l.who,
			'action', l.action, 'detail', l.detail) ORDER BY l.n), '[]') FROM hall.blast_log l WHERE l.blast = (e.blast).id));
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_history(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_history(text, text) TO smsd, hall_campaign, hall_viewer, hall_ops;
