-- hall.blast_tests(who, blast): the last tests of a blast, and what became of their messages.
-- Called by the HTTP API.
-- Parameters: who: a viewer; blast.
-- Result: outcome; detail.tests: an array of at, who, cause, messages, the newest first, at most 10 of the last 7 days; messages:
-- an array of msisdn (masked), wording, segments, state and why as in hall.mt.
-- Outcomes: ok, forbidden, no_such_blast.
-- Tables: hall.blast, hall.blast_log, hall.mt.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_tests(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
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
		detail := detail || jsonb_build_object('tests', (
			SELECT coalesce(jsonb_agg(jsonb_build_object('at', l.at, 'who', l.who, 'cause', l.detail -> 'cause', 'messages',
				(SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM hall.blast_tested((l.detail ->> 'cause')::uuid) t))
				ORDER BY l.n DESC), '[]')
			FROM (SELECT k.* FROM hall.blast_log k
				WHERE k.blast = (e.blast).id AND k.action = 'test' AND k.at > now() - interval '7 days'
				ORDER BY k.n DESC LIMIT 10) l));
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_tests(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_tests(text, text) TO smsd, hall_campaign, hall_viewer, hall_ops;
