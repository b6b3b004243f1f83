-- hall.door_judge(class …, msisdn …, until …, now, lock): whether messages that no customer asked for may go now.
-- Called by hall.door_take() and whatever else sends such messages, as it sends them; and by previews, in a transaction
-- that is rolled back.  It changes nothing.
-- Parameters: arrays of the same length, one element a message, in the order in which they would go: its class; its
-- subscriber; until when it makes sense (NULL: for ever).  now.  lock: false for who only wants to know: no locks are taken.
-- Result: a row for each message n (from 1), in that order.
--   why NULL		it may go
--   why and due	it waits until due
--   why, due NULL	it is refused
-- The first rule that applies:
--   busy		another transaction is sending to this subscriber: look again at once (due is now)
--   no_rules		nothing is said of the class: refused
--   expired		it makes no sense any more, or would not before its hours begin: refused
--   blocked		the number is on the list `block`: refused
--   suppressed		nothing reached the number lately (hall.suppressed), and it has sent nothing since: refused
--   opted_out		the subscriber wants none: refused
--   no_consent		he never asked for any: refused
--   hours		held until the hours begin
--   cap		he had his share, those before it in this call counted: held until he may have more, refused if
--			that is too late
-- Tables: hall.message_class, hall.consent, hall.number_list, hall.suppressed, hall.mt, hall.mo.
-- Locks: where there is a cap, the subscriber, by an advisory lock to the end of the transaction: or two would each send
-- the last of his share.  Nothing is waited for.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.door_judge(p_class hall.mt_class[], p_msisdn text[], p_until timestamptz[], p_now timestamptz,
	p_lock boolean DEFAULT true)
RETURNS TABLE (n integer, why text, due timestamptz)
LANGUAGE plpgsql SECURITY DEFINER ROWS 500
SET search_path = hall, pg_temp
-- Each time the plan for these days' partitions.  What the planner guesses of tables that fill and empty is worth nothing:
-- rows are looked up by their keys, one by one (LATERAL).
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_material = off
SET enable_indexscan = on
SET enable_bitmapscan = on
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	ours boolean[];		-- by message: nobody else sends to the subscriber
	since timestamptz;
	here timestamp := p_now AT TIME ZONE 'Asia/Shanghai';
BEGIN
	-- A statement of its own: what is read after it sees what the last one who had the lock has sent.
	IF p_lock THEN
		SELECT array_agg(coalesce(c.cap, 0) = 0 OR pg_try_advisory_xact_lock(hashtextextended(t.msisdn, 7403)) ORDER BY t.n)
		INTO ours
		FROM unnest(p_class, p_msisdn) WITH ORDINALITY AS t (class, msisdn, n)
		LEFT JOIN hall.message_class c ON c.class = t.class;
	END IF;
	-- A message is sent while it is valid, so older ones cannot have been sent within any cap's days.
	SELECT p_now - max(c.cap_days * interval '1 day' + c.valid) INTO since FROM hall.message_class c WHERE c.cap > 0;

	RETURN QUERY
	WITH due AS MATERIALIZED (
		SELECT t.n, t.msisdn, t.class, t.until, c.cap, c.cap_days * interval '1 day' AS days, c.cap_tips, o.next,
			CASE
			WHEN NOT t.ours THEN 'busy'
			WHEN c.class IS NULL THEN 'no_rules'
			WHEN t.until < p_now THEN 'expired'
			WHEN b.list IS NOT NULL THEN 'blocked'
			WHEN c.heeds_suppressed AND u.dead THEN 'suppressed'
			WHEN c.heeds_optout AND w.state = 'out' THEN 'opted_out'
			WHEN c.needs_consent AND w.state IS DISTINCT FROM 'in' THEN 'no_consent'
			WHEN NOT o.is_open AND o.next > t.until THEN 'expired'
			WHEN NOT o.is_open THEN 'hours'
			END AS verdict
		FROM unnest(p_class, p_msisdn, p_until, ours) WITH ORDINALITY AS t (class, msisdn, until, ours, n)
		LEFT JOIN hall.message_class c ON c.class = t.class
		LEFT JOIN LATERAL (
			SELECT l.list
			FROM hall.number_list l
			WHERE l.msisdn = t.msisdn AND l.list = 'block'
			LIMIT 1) AS b ON true
		LEFT JOIN LATERAL (
			SELECT NOT EXISTS (SELECT FROM hall.mo x WHERE x.msisdn = s.msisdn AND x.at > s.since)
				AND NOT EXISTS (SELECT FROM hall.mt x
					WHERE x.msisdn = s.msisdn AND x.at > s.since - interval '32 days'
					  AND x.state = 'delivered' AND x.reported_at > s.since) AS dead
			FROM hall.suppressed s
			WHERE s.msisdn = t.msisdn AND s.until > p_now) AS u ON true
		LEFT JOIN LATERAL (
			-- As hall.consent_of(); to commercial ones `no recommendations` is a no as well.
			SELECT s.state
			FROM hall.consent s
			WHERE s.msisdn = t.msisdn AND (s.class IN (c.class::text, 'all')
				OR (c.class = 'commercial' AND s.class = 'recommend' AND s.state = 'out'))
			ORDER BY s.at DESC, s.state DESC
			LIMIT 1) AS w ON true
		LEFT JOIN LATERAL (
			SELECT CASE WHEN c.opens < c.closes THEN here::time >= c.opens AND here::time < c.closes
					ELSE here::time >= c.opens OR here::time < c.closes OR c.opens = c.closes END AS is_open,
				(here::date + CASE WHEN here::time < c.opens THEN 0 ELSE 1 END + c.opens)
					AT TIME ZONE 'Asia/Shanghai' AS next) AS o ON true
	), ranked AS MATERIALIZED (
		SELECT d.*, row_number() OVER (PARTITION BY d.verdict, d.msisdn, d.class ORDER BY d.n) AS rank
		FROM due d
	), capped AS MATERIALIZED (
		-- free: when the one falls out of the window whose place it would take, which may be one that goes only now.
		SELECT r.*, s.sent + r.rank > r.cap AS over, coalesce(s.times[s.sent + r.rank - r.cap], p_now) + r.days AS free
		FROM ranked r
		LEFT JOIN LATERAL (
			SELECT count(*)::integer AS sent, array_agg(e.sent_at ORDER BY e.sent_at) AS times
			FROM hall.mt x,
			LATERAL (SELECT greatest(x.at, timestamptz 'epoch' + x.batch * interval '1 microsecond') AS sent_at) AS e
			WHERE r.verdict IS NULL AND r.cap > 0
			  AND x.msisdn = r.msisdn AND x.at > since AND x.at < p_now + interval '1 day'
			  AND (x.class = r.class OR (r.cap_tips AND x.tip IS NOT NULL)) AND x.state NOT IN ('held', 'refused')
			  AND e.sent_at > p_now - r.days) AS s ON r.verdict IS NULL AND r.cap > 0
	)
	SELECT c.n::integer, CASE WHEN c.over THEN 'cap' ELSE c.verdict END,
		CASE WHEN c.verdict = 'hours' THEN c.next
			WHEN c.verdict = 'busy' THEN p_now
			WHEN c.over AND c.free <= coalesce(c.until, 'infinity') THEN c.free END
	FROM capped c
	ORDER BY c.n;
END
$$;

REVOKE ALL ON FUNCTION hall.door_judge(hall.mt_class[], text[], timestamptz[], timestamptz, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.door_judge(hall.mt_class[], text[], timestamptz[], timestamptz, boolean) TO smsd, hall_ops;
