-- hall.blast_variant_at(uuid, msisdn, control, variants, uptos): which variant a recipient gets.
-- Called a recipient a call; it is inlined.  It follows from the blast and the number alone, so nothing is stored for it.
-- Parameters: the blast's uuid; the number; its control group in percent; its variants and the running sums of their shares,
-- as hall.blast_split() gives them.
-- Result: the variant; NULL: he belongs to the control group.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_variant_at(p_uuid uuid, p_msisdn text, p_control integer, p_variants text[],
	p_uptos double precision[])
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	-- 28 bits of a hash, as a number from 0 to before 100.
	SELECT CASE WHEN d.draw >= p_control THEN p_variants[1 + width_bucket((d.draw - p_control) / (100.0 - p_control)::double precision
			* p_uptos[cardinality(p_uptos)], p_uptos)] END
	FROM (SELECT ('x' || left(md5(p_uuid::text || p_msisdn), 7))::bit(28)::integer * 100.0::double precision / 268435456 AS draw) AS d
$$;

REVOKE ALL ON FUNCTION hall.blast_variant_at(uuid, text, integer, text[], double precision[]) FROM PUBLIC;
