-- hall.blast_sample(blast, most): some recipients of a blast, evenly chosen from its list, the control group left out.
-- Called by hall.blast_preview().
-- Parameters: the blast; how many at most.
-- Result: an array of n, msisdn (masked), lang, variant, data (an object by column).
-- Tables: hall.blast_recipient, hall.blast_variant, those of hall.blast_langs().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_sample(p_blast hall.blast, p_most integer)
RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	variants text[];
	uptos double precision[];
BEGIN
	SELECT s.variants, s.uptos INTO variants, uptos FROM hall.blast_split(p_blast.id) s;
	RETURN (
		SELECT coalesce(jsonb_agg(jsonb_build_object('n', c.n, 'msisdn', hall.mask(c.msisdn),
			'lang', (hall.blast_langs(ARRAY[c.msisdn], ARRAY[c.lang]))[1], 'variant', c.variant,
			'data', (SELECT coalesce(jsonb_object_agg(u.name, u.value), '{}')
				FROM unnest(p_blast.columns, c.data) AS u (name, value))) ORDER BY c.n), '[]')
		FROM (SELECT r.*, v.variant
			FROM generate_series(0, 2 * p_most - 1) AS g (i)
			JOIN hall.blast_recipient r ON r.blast = p_blast.id AND r.n = 1 + (g.i * p_blast.recipients / (2 * p_most))::integer,
			LATERAL (SELECT hall.blast_variant_at(p_blast.uuid, r.msisdn, p_blast.control, variants, uptos) AS variant) AS v
			WHERE v.variant IS NOT NULL AND g.i < p_blast.recipients
			ORDER BY g.i % 2, g.i LIMIT p_most) AS c);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_sample(hall.blast, integer) FROM PUBLIC;
