-- hall.blast_split(blast): a blast's variants, for hall.blast_variant_at().
-- Parameters: the blast's number.
-- Result: their names in order, and the running sums of their shares.
-- Tables: hall.blast_variant.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_split(p_blast integer, OUT variants text[], OUT uptos double precision[])
LANGUAGE sql STABLE
SET search_path = hall, pg_temp
AS $$
	SELECT array_agg(s.variant ORDER BY s.variant), array_agg(s.upto ORDER BY s.variant)
	FROM (SELECT v.variant, (sum(v.share) OVER (ORDER BY v.variant))::double precision AS upto
		FROM hall.blast_variant v WHERE v.blast = p_blast) AS s
$$;

REVOKE ALL ON FUNCTION hall.blast_split(integer) FROM PUBLIC;
