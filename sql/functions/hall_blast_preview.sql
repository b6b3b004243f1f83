-- hall.blast_preview(who, blast, now, rate, most): what a blast would do if it were sent, without sending.
-- Called by smsctl and the HTTP API, which render the sample, count segments and work out the cost.
-- Parameters: who: a viewer; blast; now: NULL: now; rate: what the door gives, in messages a second; NULL: the blast's own alone;
-- most: look at so many recipients at most, evenly chosen, for a quick answer; NULL: all of them.
-- Result: outcome; detail:
--   at			when it would begin: its starts_at or now, or when its class's hours begin after that
--   recipients, looked_at	how many there are, and were looked at; the counts below are of these
--   control		in the control group
--   go			would be sent at once
--   wait, refuse	how many by reason, as hall.door_judge() says: wait goes later, refuse never
--   going		an array of variant, lang, n: those that go or wait
--   sample		recipients, evenly chosen, at most 10: n, msisdn (masked), lang, variant, data
--   rate, seconds, ends	messages a second, sending time of the whole blast, when that will be over, quiet hours counted
--   ends_at, late	its end, and whether some would not go by then; not_in_time: how many of the recipients
--   opens, closes	its class's hours
-- control, go, wait and refuse add up to looked_at.
-- Outcomes: ok, incomplete (nobody on its list, or no texts), bad_value, forbidden, no_such_blast.
-- Tables: hall.blast, hall.message_class, and those of hall.blast_look().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_preview(p_who text, p_blast text, p_now timestamptz DEFAULT NULL, p_rate integer DEFAULT NULL,
	p_most integer DEFAULT NULL, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
	piece CONSTANT integer := 5000;
	e record;
	b hall.blast;
	rule hall.message_class;
	starts timestamptz;
	every integer := 1;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	IF b.recipients = 0 OR NOT EXISTS (SELECT FROM hall.blast_text t WHERE t.blast = b.id) THEN
		outcome := 'incomplete';
		detail := CASE WHEN b.recipients = 0 THEN jsonb_build_object('field', 'recipients', 'why', 'nobody is on the list')
			ELSE jsonb_build_object('field', 'texts', 'why', 'it has no texts') END;
		RETURN;
	END IF;
	IF p_most < 1 OR p_rate < 1 THEN
		outcome := 'bad_value';
		detail := jsonb_build_object('field', CASE WHEN p_most < 1 THEN 'most' ELSE 'rate' END, 'why', 'at least 1 is wanted');
		RETURN;
	END IF;
	SELECT c.* INTO rule FROM hall.message_class c WHERE c.class = b.class;
	p_now := coalesce(p_now, now());
	starts := hall.hours_next(rule.opens, rule.closes, greatest(p_now, b.starts_at));
	IF p_most < b.recipients THEN
		every := ceil(b.recipients::double precision / p_most);
	END IF;
	WITH looked AS MATERIALIZED (
		SELECT l.variant, l.lang, l.why, l.waits, sum(l.n)::bigint AS n
		FROM generate_series(1, b.recipients::integer, piece * every) AS g (low),
		LATERAL hall.blast_look(b, rule, starts, g.low, g.low + piece * every - 1, every) AS l
		GROUP BY 1, 2, 3, 4
	)
	SELECT jsonb_build_object('id', b.id, 'name', b.name, 'class', b.class, 'state', b.state, 'at', starts, 'recipients', b.recipients,
		'looked_at', (SELECT coalesce(sum(l.n), 0) FROM looked l),
		'control', (SELECT coalesce(sum(l.n), 0) FROM looked l WHERE l.variant IS NULL),
		'go', (SELECT coalesce(sum(l.n), 0) FROM looked l WHERE l.variant IS NOT NULL AND l.why IS NULL),
		'wait', (SELECT coalesce(jsonb_object_agg(w.why, w.n), '{}')
			FROM (SELECT l.why, sum(l.n) AS n FROM looked l WHERE l.waits GROUP BY l.why) AS w),
		'refuse', (SELECT coalesce(jsonb_object_agg(w.why, w.n), '{}')
			FROM (SELECT l.why, sum(l.n) AS n FROM looked l WHERE l.why IS NOT NULL AND NOT l.waits GROUP BY l.why) AS w),
		'going', (SELECT coalesce(jsonb_agg(jsonb_build_object('variant', w.variant, 'lang', w.lang, 'n', w.n)
				ORDER BY w.variant, w.lang), '[]')
			FROM (SELECT l.variant, l.lang, sum(l.n) AS n FROM looked l
				WHERE l.variant IS NOT NULL AND (l.why IS NULL OR l.waits) GROUP BY 1, 2) AS w))
	INTO detail;
	detail := detail || hall.blast_duration(b, rule, starts, p_rate,
			(detail->>'go')::double precision * b.recipients / greatest((detail->>'looked_at')::bigint, 1))
		|| jsonb_build_object('sample', hall.blast_sample(b, 10));
END
$$;

REVOKE ALL ON FUNCTION hall.blast_preview(text, text, timestamptz, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_preview(text, text, timestamptz, integer, integer) TO smsd, hall_campaign, hall_viewer, hall_ops;
