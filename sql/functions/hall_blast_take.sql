-- hall.blast_take(instance, after, n, now, links, tokens): the next recipients of a running blast, each with what becomes of his
-- message.
-- Called by smsd in a transaction of its own; in the same one it renders them and gives them to hall.blast_put(), and sends them
-- after its commit.  So whatever dies in between, a recipient is either handled or not.
-- Parameters: instance; after: the blast that it drained last, so that several take turns; n: so many at most; now;
-- links, tokens: links with a limit, and how many may leave by each now, as hall.door_take() has them.
-- Result: no row: nothing to do now.  Else recipients of one blast, in order:
--   hash		of its texts: another one than the last time means to read hall.blast_texts() again
--   lang		his own, else as he chose, else as billing knows, else zh
--   data		its columns' values, joined by U+001F
--   variant	NULL: control group, and why says so; due: not NULL where he would have been sent it now
--   link	by which he is reached; '': any
--   why, due	as hall.door_judge() says: quota and consent count as they are now
-- The list is handled in order, so the slowest of its links is what it waits for.
-- What is over the cap is held or refused as the blast's over_cap says.  Nothing is taken outside the class's hours.
-- Tables: hall.number_range; writes hall.blast (begun, expired, done), hall.blast_range, hall.blast_pace; reads hall.blast_recipient,
-- hall.subscriber and what hall.door_judge() reads.
-- Locks: the blast, shared: whoever pauses it waits for this step; the range, which is leased to this instance for half a minute
-- more; the bucket of one that has a rate.  What another has locked is passed over.  As hall.door_judge().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_take(p_instance text, p_after integer, p_n integer, p_now timestamptz,
	p_links text[] DEFAULT '{}', p_tokens smallint[] DEFAULT '{}')
RETURNS TABLE (blast integer, hash text, n integer, msisdn text, lang text, data text, variant text, why text, due timestamptz,
	link text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 200
SET search_path = hall, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	lease CONSTANT interval := '30 seconds';
	candidate integer;
	b hall.blast;
	rule hall.message_class;
	piece hall.blast_range;
	pace double precision;
	bucket double precision;
	room integer;
	variants text[];
	uptos double precision[];
	ns integer[];
	numbers text[];
	langs text[];
	datas text[];
	chosen text[];
	links text[];
	fits integer;
	reasons text[];
	dues timestamptz[];
	until timestamptz;
BEGIN
	PERFORM hall.blast_turn(p_now);
	FOR candidate IN SELECT x.id FROM hall.blast x WHERE x.state = 'running' ORDER BY x.id <= p_after, x.id LOOP
		IF NOT EXISTS (SELECT FROM hall.blast_range x WHERE x.blast = candidate AND x.next <= x.last) THEN
			PERFORM hall.blast_finish(candidate, p_now);
			CONTINUE;
		END IF;
		SELECT x.* INTO b FROM hall.blast x WHERE x.id = candidate AND x.state = 'running' FOR SHARE SKIP LOCKED;
		CONTINUE WHEN NOT FOUND;
		SELECT c.* INTO rule FROM hall.message_class c WHERE c.class = b.class;
		CONTINUE WHEN hall.hours_next(rule.opens, rule.closes, p_now) > p_now;
		room := p_n;
		pace := hall.blast_pace_of(b, rule, p_now);
		IF pace IS NOT NULL THEN
			SELECT least(greatest(pace, 1), x.tokens + pace * greatest(extract(epoch FROM p_now - x.at), 0)) INTO bucket
			FROM hall.blast_pace x WHERE x.blast = b.id FOR UPDATE SKIP LOCKED;
			CONTINUE WHEN NOT FOUND OR bucket < 1;
			room := least(p_n, floor(bucket));
		END IF;
		SELECT x.* INTO piece
		FROM hall.blast_range x
		WHERE x.blast = b.id AND x.next <= x.last AND (x.instance = p_instance OR x.leased_until < p_now)
		ORDER BY x.instance IS DISTINCT FROM p_instance, x.first
		LIMIT 1 FOR UPDATE SKIP LOCKED;
		EXIT WHEN FOUND;
	END LOOP;
	IF piece.blast IS NULL THEN
		RETURN;
	END IF;

	SELECT s.variants, s.uptos INTO variants, uptos FROM hall.blast_split(b.id) s;
	SELECT array_agg(t.n ORDER BY t.n), array_agg(t.msisdn ORDER BY t.n), array_agg(t.lang ORDER BY t.n),
		array_agg(array_to_string(t.data, E'\x1f', '') ORDER BY t.n),
		array_agg(hall.blast_variant_at(b.uuid, t.msisdn, b.control, variants, uptos) ORDER BY t.n)
	INTO ns, numbers, langs, datas, chosen
	FROM hall.blast_recipient t
	WHERE t.blast = b.id AND t.n >= piece.next AND t.n <= least(piece.last, piece.next + room - 1);
	IF EXISTS (SELECT FROM hall.number_range) THEN
		SELECT array_agg(coalesce(hall.link_of(t.msisdn), '') ORDER BY t.i) INTO links
		FROM unnest(numbers) WITH ORDINALITY AS t (msisdn, i);
	ELSE
		links := array_fill(''::text, ARRAY[cardinality(numbers)]);
	END IF;
	IF cardinality(p_links) > 0 THEN
		SELECT min(u.i) - 1 INTO fits
		FROM (SELECT t.i, t.variant, k.most,
				count(t.variant) OVER (PARTITION BY k.place ORDER BY t.i) AS nth
			FROM unnest(links, chosen) WITH ORDINALITY AS t (link, variant, i),
			LATERAL (SELECT coalesce(array_position(p_links, t.link), array_position(p_links, '*')) AS place) AS p,
			LATERAL (SELECT p.place, p_tokens[p.place] AS most) AS k) AS u
		WHERE u.variant IS NOT NULL AND u.nth > u.most;
		IF fits = 0 THEN
			RETURN;
		END IF;
		ns := ns[:coalesce(fits, room)];
		numbers := numbers[:coalesce(fits, room)];
		langs := langs[:coalesce(fits, room)];
		datas := datas[:coalesce(fits, room)];
		chosen := chosen[:coalesce(fits, room)];
	END IF;
	IF array_position(langs, NULL) > 0 THEN
		langs := hall.blast_langs(numbers, langs);
	END IF;

	until := least(b.ends_at, date_trunc('second', p_now) + rule.valid);
	-- The control group too: to be compared with are those who would have been sent it.
	SELECT array_agg(CASE WHEN t.variant IS NULL THEN 'control' ELSE v.why END ORDER BY t.i),
		array_agg(CASE WHEN t.variant IS NULL THEN CASE WHEN v.why IS NULL THEN p_now END
			WHEN v.why = 'cap' AND b.over_cap = 'drop' THEN NULL ELSE v.due END ORDER BY t.i)
	INTO reasons, dues
	FROM unnest(chosen) WITH ORDINALITY AS t (variant, i)
	JOIN hall.door_judge(array_fill(b.class, ARRAY[cardinality(numbers)]), numbers, array_fill(until, ARRAY[cardinality(numbers)]),
		p_now) AS v ON v.n = t.i;

	UPDATE hall.blast_range x
	SET next = piece.next + cardinality(ns), instance = p_instance, leased_until = p_now + lease,
		sent = x.sent + c.sent, held = x.held + c.held, refused = x.refused + c.refused, control = x.control + c.control,
		whys = hall.blast_add(x.whys, c.whys)
	FROM (SELECT count(*) FILTER (WHERE u.why IS NULL) AS sent, count(*) FILTER (WHERE u.why <> 'control' AND u.due IS NOT NULL) AS held,
			count(*) FILTER (WHERE u.why <> 'control' AND u.due IS NULL) AS refused,
			count(*) FILTER (WHERE u.why = 'control') AS control,
			array_agg(u.why) FILTER (WHERE u.why <> 'control' AND u.due IS NULL) AS whys
		FROM unnest(reasons, dues) AS u (why, due)) AS c
	WHERE x.blast = piece.blast AND x.first = piece.first;
	IF pace IS NOT NULL THEN
		UPDATE hall.blast_pace x SET tokens = bucket - cardinality(ns), at = greatest(x.at, p_now) WHERE x.blast = b.id;
	END IF;
	RETURN QUERY
	SELECT b.id, b.approved_hash, u.n, u.msisdn, u.lang, u.data, u.variant, u.why, u.due, u.link
	FROM unnest(ns, numbers, langs, datas, chosen, reasons, dues, links[:cardinality(ns)])
		AS u (n, msisdn, lang, data, variant, why, due, link);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_take(text, integer, integer, timestamptz, text[], smallint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_take(text, integer, integer, timestamptz, text[], smallint[]) TO smsd;
