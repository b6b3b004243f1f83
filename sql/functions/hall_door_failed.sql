-- hall.door_failed(msisdn …, at …, id …, state …, why …, again …, now): messages that reports say have failed.
-- Called by smsd with the failures among the reports that it writes; arrays of the same length, one element a report.
-- Parameters: the key of the message; state: failed | rejected; why: the report's text; again: which sending it is about
-- (hall.mt.again; 0: the first); now.
-- Result: how many will be sent again, how many numbers are suppressed now.
-- One that failed for a reason that passes (hall.failure) is held, to be sent again by the rules of its class, if that is
-- before it makes no sense any more; the others stay failed.  A report that comes twice, or late, of a sending that was
-- reported already, does nothing; a message that was delivered stays so.
-- A number to which so many messages in a row failed because of it (hall.suppression_rule), and that has sent nothing
-- meanwhile, is suppressed.
-- Tables: hall.message_class, hall.failure, hall.suppression_rule, hall.mo; writes hall.mt, hall.held, hall.suppressed.
-- Locks: the rows of the messages.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.door_failed(p_msisdn text[], p_at timestamptz[], p_id uuid[], p_state text[], p_why text[],
	p_again smallint[], p_now timestamptz)
RETURNS TABLE (resent integer, suppressed integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
	first timestamptz := (SELECT min(t) FROM unnest(p_at) AS t);
	last timestamptz := (SELECT max(t) FROM unnest(p_at) AS t);
	dead text[];
	rule hall.suppression_rule;
BEGIN
	SELECT r.* INTO rule FROM hall.suppression_rule r;
	WITH report AS (
		SELECT DISTINCT ON (t.msisdn, t.at, t.id, t.again) t.*, k.code, hall.failure_kind(k.code) AS kind
		FROM unnest(p_msisdn, p_at, p_id, p_state::hall.mt_state[], p_why, p_again) AS t (msisdn, at, id, state, why, again)
		CROSS JOIN LATERAL (SELECT hall.failure_code(t.why) AS code) AS k
		ORDER BY t.msisdn, t.at, t.id, t.again, t.state DESC
	), found AS (
		SELECT r.*, m.class, m.link, r.kind = 'temporary' AND coalesce(m.again, 0) < coalesce(c.resends, 0)
			AND p_now + c.resend_after <= coalesce(m.until, 'infinity') AS resend, p_now + c.resend_after AS due
		FROM report r
		JOIN LATERAL (
			SELECT x.class, x.link, x.again, x.until
			FROM hall.mt x
			WHERE x.msisdn = r.msisdn AND x.at = r.at AND x.id = r.id AND x.at BETWEEN first AND last
			  AND x.state < r.state AND x.state NOT IN ('held', 'refused') AND coalesce(x.again, 0) = r.again
			FOR UPDATE) AS m ON true
		LEFT JOIN hall.message_class c ON c.class = m.class
	), changed AS (
		UPDATE hall.mt m
		SET state = CASE WHEN f.resend THEN 'held' ELSE f.state END,
			why = CASE WHEN f.resend THEN 'resend ' || f.code ELSE coalesce(f.why, m.why) END,
			again = CASE WHEN f.resend THEN coalesce(m.again, 0) + 1 ELSE m.again END,
			reported_at = p_now
		FROM found f
		WHERE m.msisdn = f.msisdn AND m.at = f.at AND m.id = f.id AND m.at BETWEEN first AND last
	), held AS (
		INSERT INTO hall.held (msisdn, at, id, class, link, due)
		SELECT f.msisdn, f.at, f.id, f.class, coalesce(f.link, ''), f.due FROM found f WHERE f.resend
	)
	SELECT count(*) FILTER (WHERE f.resend), array_agg(DISTINCT f.msisdn) FILTER (WHERE f.kind = 'number')
	INTO resent, dead
	FROM found f;

	WITH lately AS (
		SELECT d.msisdn, s.*
		FROM unnest(dead) AS d (msisdn)
		CROSS JOIN LATERAL (
			SELECT count(*) AS n, bool_and(x.dead) AS dead, min(x.reported_at) AS since,
				(array_agg(x.code ORDER BY x.reported_at DESC))[1] AS code
			FROM (SELECT m.reported_at, k.code, m.state <> 'delivered' AND hall.failure_kind(k.code) = 'number' AS dead
				FROM hall.mt m
				CROSS JOIN LATERAL (SELECT hall.failure_code(m.why) AS code) AS k
				WHERE m.msisdn = d.msisdn AND m.at > p_now - make_interval(days => rule.days + 32)
				  AND m.state IN ('failed', 'rejected', 'delivered')
				  AND m.reported_at > p_now - make_interval(days => rule.days)
				ORDER BY m.reported_at DESC
				LIMIT rule.failures) AS x) AS s
	), put AS (
		INSERT INTO hall.suppressed AS s (msisdn, since, failures, why, until)
		SELECT l.msisdn, p_now, l.n, l.code, p_now + rule.lasts
		FROM lately l
		WHERE l.n = rule.failures AND l.n > 0 AND l.dead
		  AND NOT EXISTS (SELECT FROM hall.mo o WHERE o.msisdn = l.msisdn AND o.at > l.since)
		ON CONFLICT (msisdn) DO UPDATE
		SET since = excluded.since, failures = excluded.failures, why = excluded.why, until = excluded.until
		RETURNING s.msisdn
	)
	SELECT count(*) INTO suppressed FROM put;
	RETURN NEXT;
END
$$;

REVOKE ALL ON FUNCTION hall.door_failed(text[], timestamptz[], uuid[], text[], text[], smallint[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.door_failed(text[], timestamptz[], uuid[], text[], text[], smallint[], timestamptz) TO smsd;
