-- hall.blast_report(who, blast): what came of a blast.
-- Called by smsctl and the HTTP API.
-- Parameters: who: a viewer; blast.
-- Result: outcome; detail:
--   funnel	recipients, control, sent, delivered, answered, converted, opted_out
--   fates	an array of fate, why, n, which adds up to recipients.  fate: left (not handled), control, held, refused, queued (no
--		report yet), accepted, buffered, rejected, failed, delivered, gone (erased); why: of the held and refused ones
--   provinces	an array of province, and of those sent there: sent, delivered, answered, converted, opted_out
--   variants	an array of variant (null: the control group), recipients, sent, delivered, answered, converted, opted_out
--   again	messages that were perhaps sent twice: so many at most; again_whys: by reason, as hall.blast_repeats() says
-- Within seven days after his message was sent (after the beginning of the blast, in the control group) somebody
-- answered, when he sent a text to the port that it came from; converted, when he used the channel that the blast steers to;
-- opted_out, when he asked for no more of any class.
-- hall.attribution() compares more closely.
-- Outcomes: ok, wrong_state: it has not begun; forbidden, no_such_blast.
-- Tables: those of hall.blast_people(), hall.mo, hall.contact, hall.consent_log, hall.blast_again, those of hall_api.profile().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_report(p_who text, p_blast text, OUT outcome hall.blast_outcome, OUT detail jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on
-- A table that was never analysed looks small, and one loop in another would take for ever.
SET enable_nestloop = off
SET enable_mergejoin = off
SET work_mem = '128MB'
SET jit = off
AS $$
DECLARE
	week CONSTANT interval := '7 days';
	e record;
	b hall.blast;
	since timestamptz;
	until timestamptz;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	outcome := e.outcome;
	detail := e.detail;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	b := e.blast;
	IF b.started_at IS NULL THEN
		outcome := 'wrong_state';
		detail := jsonb_build_object('state', b.state, 'why', 'it has not begun');
		RETURN;
	END IF;
	since := b.started_at - interval '1 minute';
	until := coalesce(b.finished_at, now()) + interval '32 days';
	WITH p AS MATERIALIZED (
		SELECT x.* FROM hall.blast_people(b) x
	), reached AS MATERIALIZED (
		SELECT p.msisdn, p.sent_at, p.port FROM p WHERE p.sent_at IS NOT NULL
	), answered AS MATERIALIZED (
		SELECT DISTINCT r.msisdn FROM reached r
		JOIN hall.mo o ON o.msisdn = r.msisdn AND o.at > r.sent_at AND o.at <= r.sent_at + week AND o.port = r.port
		WHERE o.at BETWEEN since AND until
	), converted AS MATERIALIZED (
		SELECT DISTINCT r.msisdn FROM reached r
		JOIN hall.contact c ON c.msisdn = r.msisdn AND c.at > r.sent_at AND c.at <= r.sent_at + week
		WHERE c.at BETWEEN since AND until AND c.channel = b.steers
	), left_us AS MATERIALIZED (
		SELECT DISTINCT r.msisdn FROM reached r
		JOIN hall.consent_log l ON l.msisdn = r.msisdn AND l.at > r.sent_at AND l.at <= r.sent_at + week
		WHERE l.state = 'out' AND l.at BETWEEN since AND until
	), f AS MATERIALIZED (
		SELECT p.variant, p.state, CASE WHEN p.state IN ('held', 'refused') THEN p.why END AS why, coalesce(a.province, '-') AS province,
			p.state <> 'control' AND p.sent_at IS NOT NULL AS sent, p.state = 'delivered' AS delivered,
			answered.msisdn IS NOT NULL AS answered, converted.msisdn IS NOT NULL AS converted, left_us.msisdn IS NOT NULL AS opted_out
		FROM p
		LEFT JOIN hall_api.profile((SELECT array_agg(r.msisdn) FROM reached r)) AS a ON a.msisdn = p.msisdn
		LEFT JOIN answered ON answered.msisdn = p.msisdn
		LEFT JOIN converted ON converted.msisdn = p.msisdn
		LEFT JOIN left_us ON left_us.msisdn = p.msisdn
	), sums AS MATERIALIZED (
		SELECT f.variant, f.province, f.state, f.why, count(*) AS n, count(*) FILTER (WHERE f.sent) AS sent,
			count(*) FILTER (WHERE f.delivered) AS delivered, count(*) FILTER (WHERE f.answered) AS answered,
			count(*) FILTER (WHERE f.converted) AS converted, count(*) FILTER (WHERE f.opted_out) AS opted_out
		FROM f GROUP BY 1, 2, 3, 4
	)
	SELECT jsonb_build_object('id', b.id, 'name', b.name, 'class', b.class, 'state', b.state, 'steers', b.steers,
		'started_at', b.started_at, 'finished_at', b.finished_at,
		'funnel', (SELECT jsonb_build_object('recipients', b.recipients, 'control', coalesce(sum(s.n) FILTER (WHERE s.state = 'control'), 0),
				'sent', coalesce(sum(s.sent), 0), 'delivered', coalesce(sum(s.delivered), 0),
				'answered', coalesce(sum(s.answered) FILTER (WHERE s.state <> 'control'), 0),
				'converted', coalesce(sum(s.converted) FILTER (WHERE s.state <> 'control'), 0),
				'opted_out', coalesce(sum(s.opted_out) FILTER (WHERE s.state <> 'control'), 0)) FROM sums s),
		'fates', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('fate', u.fate, 'why', u.why, 'n', u.n)) ORDER BY u.fate, u.why)
			FROM (SELECT s.state AS fate, s.why, sum(s.n) AS n FROM sums s GROUP BY 1, 2
				UNION ALL
				SELECT 'left', NULL, b.recipients - coalesce((SELECT sum(s.n) FROM sums s), 0)) AS u WHERE u.n > 0),
		'provinces', (SELECT coalesce(jsonb_agg(jsonb_build_object('province', u.province, 'sent', u.sent, 'delivered', u.delivered,
				'answered', u.answered, 'converted', u.converted, 'opted_out', u.opted_out) ORDER BY u.sent DESC, u.province), '[]')
			FROM (SELECT s.province, sum(s.sent) AS sent, sum(s.delivered) AS delivered, sum(s.answered) AS answered,
					sum(s.converted) AS converted, sum(s.opted_out) AS opted_out
				FROM sums s WHERE s.state <> 'control' GROUP BY 1) AS u WHERE u.sent > 0),
		'variants', (SELECT coalesce(jsonb_agg(jsonb_build_object('variant', u.variant, 'recipients', u.n, 'sent', u.sent,
				'delivered', u.delivered, 'answered', u.answered, 'converted', u.converted, 'opted_out', u.opted_out)
				ORDER BY u.variant), '[]')
			FROM (SELECT s.variant, sum(s.n) AS n, sum(s.sent) AS sent, sum(s.delivered) AS delivered, sum(s.answered) AS answered,
					sum(s.converted) AS converted, sum(s.opted_out) AS opted_out
				FROM sums s GROUP BY 1) AS u)) || hall.blast_repeats(b.id)
	INTO detail;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_report(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_report(text, text) TO smsd, hall_campaign, hall_viewer, hall_ops;
