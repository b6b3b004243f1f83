-- hall.door_take(instance, conn, batch, n, now, links, tokens): the messages of hall.held that are to be sent now.
-- Called by smsd in a transaction of its own when something is due; it sends them after its commit.
-- Parameters: instance, connection and batch that send them (hall.mt); n: look at so many at most, one-time codes first,
-- then service, notices and commercial ones, the oldest due first; now; links, tokens: links with a limit, and how many may
-- leave by each now; `*` stands for all links that are not named; without it those have no limit.
-- Result: what is to be sent, in that order, with the columns of queries/mt_unsent.sql; these are queued, and held no more.
-- The rest of what was looked at is refused or waits, as hall.door_judge() says; its row in hall.mt says why.
-- What is held no more without having been taken here (erased, refused by a person) is only forgotten.
-- So consent and caps count as they are when a message is sent, not as they were when it was made.
-- Tables: those of hall.door_judge(); writes hall.held, hall.mt, and hall.dialogue out of hall.opens.
-- Locks: the rows of hall.held that are looked at; those that another smsd has are passed over.  Then those of
-- hall.door_judge(); where another smsd has the subscriber his messages stay due.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.door_take(p_instance text, p_conn smallint, p_batch bigint, p_n integer, p_now timestamptz,
	p_links text[] DEFAULT '{}', p_tokens smallint[] DEFAULT '{}')
RETURNS TABLE (msisdn text, at_s bigint, id uuid, port text, link text, receiver text, text text, segments smallint,
	report boolean, batch bigint, instance text, conn smallint, sealed bytea, again smallint, unasked boolean)
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
	classes hall.mt_class[];
	untils timestamptz[];
	mt_places tid[];	-- NULL: it waits no more, whatever the reason
	was text[];
	whys text[];		-- NULL: it goes
	dues timestamptz[];	-- NULL: it waits no more
	first timestamptz;
	last timestamptz;
BEGIN
	-- The links that anything waits for, each found behind the last one.
	WITH RECURSIVE waiting AS (
		(SELECT h.link FROM hall.held h ORDER BY h.link LIMIT 1)
		UNION ALL
		SELECT (SELECT h.link FROM hall.held h WHERE h.link > w.link ORDER BY h.link LIMIT 1)
		FROM waiting w
		WHERE w.link IS NOT NULL
	), links AS (
		SELECT w.link, least(p_n, coalesce(p_tokens[coalesce(array_position(p_links, w.link), array_position(p_links, '*'))],
			p_n)) AS most
		FROM waiting w
		WHERE w.link IS NOT NULL
	)
	SELECT array_agg(t.msisdn ORDER BY t.class, t.due, t.id), array_agg(t.at ORDER BY t.class, t.due, t.id),
		array_agg(t.id ORDER BY t.class, t.due, t.id), array_agg(t.place ORDER BY t.class, t.due, t.id), min(t.at), max(t.at)
	INTO numbers, times, ids, places, first, last
	FROM (SELECT h.*
		FROM links l
		CROSS JOIN LATERAL (SELECT c.*
			FROM unnest(enum_range(NULL::hall.mt_class)) AS k (class)
			CROSS JOIN LATERAL (SELECT d.ctid AS place, d.*
				FROM hall.held d
				WHERE d.link = l.link AND d.class = k.class AND d.due <= p_now
				ORDER BY d.due LIMIT l.most FOR UPDATE SKIP LOCKED) AS c
			LIMIT l.most) AS h
		ORDER BY h.class, h.due, h.id
		LIMIT p_n) AS t;
	IF numbers IS NULL THEN
		RETURN;
	END IF;
	SELECT array_agg(m.place ORDER BY t.n), array_agg(m.class ORDER BY t.n), array_agg(m.until ORDER BY t.n),
		array_agg(m.why ORDER BY t.n)
	INTO mt_places, classes, untils, was
	FROM unnest(numbers, times, ids) WITH ORDINALITY AS t (msisdn, at, id, n)
	LEFT JOIN LATERAL (
		SELECT x.ctid AS place, x.class, x.until, x.why
		FROM hall.mt x
		WHERE x.msisdn = t.msisdn AND x.at = t.at AND x.id = t.id AND x.at BETWEEN first AND last AND x.state = 'held'
		FOR UPDATE) AS m ON true;
	SELECT array_agg(j.why ORDER BY j.n), array_agg(j.due ORDER BY j.n) INTO whys, dues
	FROM hall.door_judge(classes, numbers, untils, p_now) AS j;

	-- What a message asks is an open question from now on.
	WITH gone AS (
		DELETE FROM hall.opens o
		USING unnest(numbers, times, ids, mt_places, whys, dues) AS j (msisdn, at, id, place, why, due)
		WHERE o.msisdn = j.msisdn AND o.at = j.at AND o.id = j.id AND (j.place IS NULL OR j.due IS NULL)
		RETURNING o.*, j.place IS NOT NULL AND j.why IS NULL AS goes
	)
	INSERT INTO hall.dialogue (msisdn, at, id, asked_at, kind, port, until, command, version, question, state)
	SELECT g.msisdn, g.at, g.id, p_now, 'opens', m.port, p_now + g.within, g.command, g.version, m.text, g.state
	FROM gone g
	CROSS JOIN LATERAL (
		SELECT x.port, x.text
		FROM hall.mt x
		WHERE x.msisdn = g.msisdn AND x.at = g.at AND x.id = g.id AND x.at BETWEEN first AND last) AS m
	WHERE g.goes
	ON CONFLICT DO NOTHING;

	SET LOCAL enable_indexscan = off;
	SET LOCAL enable_bitmapscan = off;
	UPDATE hall.held h SET due = j.due
	FROM unnest(places, mt_places, whys, dues) AS j (place, mt_place, why, due)
	WHERE h.ctid = j.place AND j.mt_place IS NOT NULL AND j.due IS NOT NULL AND j.why <> 'busy';
	DELETE FROM hall.held h
	USING unnest(places, mt_places, dues) AS j (place, mt_place, due)
	WHERE h.ctid = j.place AND (j.mt_place IS NULL OR j.due IS NULL);
	RETURN QUERY
	WITH changed AS (
		UPDATE hall.mt m
		SET state = CASE WHEN j.why IS NULL THEN 'queued' WHEN j.due IS NULL THEN 'refused' ELSE 'held' END::hall.mt_state,
			why = j.why,
			instance = CASE WHEN j.why IS NULL THEN p_instance ELSE m.instance END,
			conn = CASE WHEN j.why IS NULL THEN p_conn ELSE m.conn END,
			batch = CASE WHEN j.why IS NULL THEN p_batch ELSE m.batch END
		FROM unnest(mt_places, numbers, times, ids, was, whys, dues)
			WITH ORDINALITY AS j (place, msisdn, at, id, was, why, due, n)
		WHERE m.ctid = j.place AND m.msisdn = j.msisdn AND m.at = j.at AND m.id = j.id AND m.at BETWEEN first AND last
		  AND j.why IS DISTINCT FROM 'busy' AND (j.due IS NULL OR j.why IS DISTINCT FROM j.was)
		RETURNING j.n, m.*
	)
	SELECT c.msisdn, extract(epoch FROM c.at)::bigint, c.id, c.port, c.link, c.receiver, c.text, c.segments, c.report,
		c.batch, c.instance, c.conn, c.sealed, c.again, true
	FROM changed c
	WHERE c.state = 'queued'
	ORDER BY c.n;
END
$$;

REVOKE ALL ON FUNCTION hall.door_take(text, smallint, bigint, integer, timestamptz, text[], smallint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.door_take(text, smallint, bigint, integer, timestamptz, text[], smallint[]) TO smsd;
