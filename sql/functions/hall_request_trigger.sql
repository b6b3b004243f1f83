-- hall.request_trigger(name, key): what became of something that a channel reported.
-- Called by smsd for the API.
-- Parameters: name and key, as it was reported.
-- Result: one row: ok, with the trigger, its state (new | done | failed | ignored), why it failed, and the messages that it led
-- to, in order of time, at most 100; numbers are masked.
-- Outcomes: ok | unknown.
-- Tables: hall.trigger, hall.mt.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_trigger(p_name text, p_key text, OUT outcome text, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
BEGIN
	SELECT 'ok', jsonb_build_object('id', t.id, 'name', t.name, 'key', t.key, 'msisdn', hall.mask(t.msisdn), 'at', t.at,
			'state', t.state, 'why', t.why,
			'messages', coalesce((
				SELECT jsonb_agg(jsonb_build_object('msisdn', hall.mask(m.msisdn), 'at', m.at, 'class', m.class,
					'wording', m.wording, 'state', m.state, 'why', m.why, 'segments', m.segments) ORDER BY m.at, m.msisdn)
				FROM (SELECT m.* FROM hall.mt m WHERE m.cause = 'reminder' AND m.cause_id = t.id
					ORDER BY m.at, m.msisdn LIMIT 100) AS m), '[]'))
	INTO outcome, detail
	FROM hall.trigger t
	WHERE t.name = p_name AND t.key = p_key;
	outcome := coalesce(outcome, 'unknown');
END
$$;

REVOKE ALL ON FUNCTION hall.request_trigger(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_trigger(text, text) TO smsd;
