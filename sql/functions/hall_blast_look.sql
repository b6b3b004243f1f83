-- hall.blast_look(blast, rule, at, low, high, every): what would become of some recipients of a blast, if it were sent at a moment.
-- Called by hall.blast_preview(), piece by piece.  Changes and locks nothing.
-- Parameters: the blast; the rules of its class; when; recipients from low to high; only one in `every`, by chance (but always the
-- same).
-- Result: how many (n) for each variant (NULL: control group), language, reason, and whether they would wait rather than be
-- refused.
-- Tables: hall.blast_recipient, hall.blast_variant, those of hall.door_judge() and hall.blast_langs().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_look(p_blast hall.blast, p_rule hall.message_class, p_at timestamptz, p_low integer,
	p_high integer, p_every integer)
RETURNS TABLE (variant text, lang text, why text, waits boolean, n bigint) LANGUAGE plpgsql STABLE ROWS 10
SET search_path = hall, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	variants text[];
	uptos double precision[];
	numbers text[];
	langs text[];
	chosen text[];
	until timestamptz := least(p_blast.ends_at, p_at + p_rule.valid);
BEGIN
	SELECT s.variants, s.uptos INTO variants, uptos FROM hall.blast_split(p_blast.id) s;
	SELECT array_agg(r.msisdn ORDER BY r.n), array_agg(r.lang ORDER BY r.n),
		array_agg(coalesce(hall.blast_variant_at(p_blast.uuid, r.msisdn, p_blast.control, variants, uptos), '') ORDER BY r.n)
	INTO numbers, langs, chosen
	FROM hall.blast_recipient r
	WHERE r.blast = p_blast.id AND r.n BETWEEN p_low AND p_high AND (p_every = 1 OR abs(hashint4(r.n)::bigint) % p_every = 0);
	IF numbers IS NULL THEN
		RETURN;
	END IF;
	langs := hall.blast_langs(numbers, langs);
	RETURN QUERY
	SELECT nullif(t.variant, ''), t.lang, CASE WHEN t.variant = '' THEN NULL ELSE j.why END,
		t.variant <> '' AND j.due IS NOT NULL AND NOT (j.why = 'cap' AND p_blast.over_cap = 'drop'), count(*)
	FROM unnest(numbers, langs, chosen) WITH ORDINALITY AS t (msisdn, lang, variant, i)
	JOIN hall.door_judge(array_fill(p_blast.class, ARRAY[cardinality(numbers)]), numbers,
		array_fill(until, ARRAY[cardinality(numbers)]), p_at, false) AS j ON j.n = t.i
	GROUP BY 1, 2, 3, 4;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_look(hall.blast, hall.message_class, timestamptz, integer, integer, integer) FROM PUBLIC;
