-- hall.door_take(instance, conn, batch, n, now): the messages of hall.held that are to be sent now.
-- Called by smsd in a transaction of its own when something is due; it sends them after its commit.
-- Parameters: instance, connection and batch that send them (hall.mt); n: look at so many at most, one-time codes first,
-- then service, notices and commercial ones, the oldest due first; now.
-- Result: what is to be sent, in that order, with the columns of queries/mt_unsent.sql; these are queued, and held no more.
-- The rest of what was looked at, by the first rule that applies:
--   expired	it makes no sense any more, or would not before its hours begin: refused
--   blocked	the number is on the list `block`: refused
--   opted_out	the subscriber wants none: refused
--   no_consent	he never asked for any: refused
--   hours	held until the hours begin
--   cap	he had his share: held until he may have more, refused if that is too late
-- What is held no more without having been taken here (erased, refused by a person) is only forgotten.
-- So consent and caps count as they are when a message is sent, not as they were when it was made.
-- Tables: hall.held, hall.mt, hall.message_class, hall.consent, hall.number_list; writes the first two.
-- Locks: the rows of hall.held that are looked at; those that another smsd has are passed over.  Also, where there is a
-- cap, the subscriber, by an advisory lock to the end of the transaction: or two smsd would each send the last of his
-- share.  Where another smsd has him his messages stay due.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.door_take(p_instance text, p_conn smallint, p_batch bigint, p_n integer, p_now timestamptz)
RETURNS TABLE (msisdn text, at_s bigint, id uuid, port text, link text, receiver text, text text, segments smallint,
	report boolean, batch bigint, instance text, conn smallint, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER ROWS 100
SET search_path = hall, pg_temp
-- Each time the plan for these days' partitions.  What the planner guesses of tables that fill and empty is worth nothing:
-- rows are looked up by their keys, one by one (LATERAL), then found again by their places (ctid), being locked.
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
	numbers text[];
	times timestamptz[];
	ids uuid[];
	places tid[];		-- in hall.held
	mt_places tid[];
	whys text[];		-- NULL: it goes
	dues timestamptz[];	-- NULL: it waits no more
	changes boolean[];
	first timestamptz;
	last timestamptz;
	since timestamptz;
	here timestamp := p_now AT TIME ZONE 'Asia/Shanghai';
BEGIN
	SELECT array_agg(t.msisdn ORDER BY t.class, t.due, t.id), array_agg(t.at ORDER BY t.class, t.due, t.id),
		array_agg(t.id ORDER BY t.class, t.due, t.id), array_agg(t.place ORDER BY t.class, t.due, t.id), min(t.at), max(t.at)
	INTO numbers, times, ids, places, first, last
	FROM (SELECT h.*
		FROM unnest(enum_range(NULL::hall.mt_class)) AS k (class)
		CROSS JOIN LATERAL (SELECT d.ctid AS place, d.*
			FROM hall.held d
			WHERE d.class = k.class AND d.due <= p_now
			ORDER BY d.due LIMIT p_n FOR UPDATE SKIP LOCKED) AS h
		LIMIT p_n) AS t
	LEFT JOIN hall.message_class c ON c.class = t.class
	WHERE coalesce(c.cap, 0) = 0 OR pg_try_advisory_xact_lock(hashtextextended(t.msisdn, 7403));
	IF numbers IS NULL THEN
		RETURN;
	END IF;
	-- A message is sent while it is valid, so older ones cannot have been sent within any cap's days.
	SELECT p_now - max(c.cap_days * interval '1 day' + c.valid) INTO since FROM hall.message_class c WHERE c.cap > 0;

	WITH due AS MATERIALIZED (
		SELECT t.n, t.msisdn, m.place, m.class, m.until, m.why, c.cap, c.cap_days * interval '1 day' AS days, c.cap_tips, o.next,
			CASE
			WHEN m.place IS NULL THEN 'gone'
			WHEN c.class IS NULL THEN 'no_rules'
			WHEN m.until < p_now THEN 'expired'
			WHEN b.list IS NOT NULL THEN 'blocked'
			WHEN c.heeds_optout AND w.state = 'out' THEN 'opted_out'
			WHEN c.needs_consent AND w.state IS DISTINCT FROM 'in' THEN 'no_consent'
			WHEN NOT o.is_open AND o.next > m.until THEN 'expired'
			WHEN NOT o.is_open THEN 'hours'
			END AS verdict
		FROM unnest(numbers, times, ids) WITH ORDINALITY AS t (msisdn, at, id, n)
		LEFT JOIN LATERAL (
			SELECT x.ctid AS place, x.class, x.until, x.why
			FROM hall.mt x
			WHERE x.msisdn = t.msisdn AND x.at = t.at AND x.id = t.id AND x.at BETWEEN first AND last AND x.state = 'held'
			FOR UPDATE) AS m ON true
		LEFT JOIN hall.message_class c ON c.class = m.class
		LEFT JOIN LATERAL (
			SELECT l.list
			FROM hall.number_list l
			WHERE l.msisdn = t.msisdn AND l.list = 'block'
			LIMIT 1) AS b ON true
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
	), judged AS (
		SELECT c.n, c.place, c.why AS was, CASE WHEN c.over THEN 'cap' ELSE c.verdict END AS why,
			CASE WHEN c.verdict = 'hours' THEN c.next
				WHEN c.over AND c.free <= coalesce(c.until, 'infinity') THEN c.free END AS due
		FROM capped c
	)
	SELECT array_agg(j.place ORDER BY j.n), array_agg(j.why ORDER BY j.n), array_agg(j.due ORDER BY j.n),
		array_agg(j.due IS NULL OR j.why IS DISTINCT FROM j.was ORDER BY j.n)
	INTO mt_places, whys, dues, changes
	FROM judged j;

	SET LOCAL enable_indexscan = off;
	SET LOCAL enable_bitmapscan = off;
	UPDATE hall.held h SET due = j.due
	FROM unnest(places, dues) AS j (place, due)
	WHERE h.ctid = j.place AND j.due IS NOT NULL;
	DELETE FROM hall.held h
	USING unnest(places, dues) AS j (place, due)
	WHERE h.ctid = j.place AND j.due IS NULL;
	RETURN QUERY
	WITH changed AS (
		UPDATE hall.mt m
		SET state = CASE WHEN j.why IS NULL THEN 'queued' WHEN j.due IS NULL THEN 'refused' ELSE 'held' END::hall.mt_state,
			why = j.why,
			instance = CASE WHEN j.why IS NULL THEN p_instance ELSE m.instance END,
			conn = CASE WHEN j.why IS NULL THEN p_conn ELSE m.conn END,
			batch = CASE WHEN j.why IS NULL THEN p_batch ELSE m.batch END
		FROM unnest(mt_places, numbers, times, ids, whys, dues, changes)
			WITH ORDINALITY AS j (place, msisdn, at, id, why, due, changes, n)
		WHERE m.ctid = j.place AND m.msisdn = j.msisdn AND m.at = j.at AND m.id = j.id AND m.at BETWEEN first AND last
		  AND j.changes
		RETURNING j.n, m.*
	)
	SELECT c.msisdn, extract(epoch FROM c.at)::bigint, c.id, c.port, c.link, c.receiver, c.text, c.segments, c.report,
		c.batch, c.instance, c.conn, c.sealed
	FROM changed c
	WHERE c.state = 'queued'
	ORDER BY c.n;
END
$$;

REVOKE ALL ON FUNCTION hall.door_take(text, smallint, bigint, integer, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.door_take(text, smallint, bigint, integer, timestamptz) TO smsd;
