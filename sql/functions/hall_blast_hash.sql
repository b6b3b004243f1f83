-- hall.blast_hash(blast): SHA-256 of all that whoever approves a blast approves: texts, shares, list, class, port, end, spread,
-- control group.  Its rate and its beginning may be changed afterwards.
-- Called by hall.blast_submit(), hall.blast_approve(), hall.blast_start().
-- Parameters: the blast's number.
-- Result: 64 hex digits.
-- Tables: hall.blast, hall.blast_variant, hall.blast_text.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_hash(p_blast integer)
RETURNS text LANGUAGE sql STABLE
SET search_path = hall, pg_temp
SET timezone = 'UTC'
AS $$
	SELECT encode(sha256(convert_to(jsonb_build_array(b.uuid, b.name, b.class, b.port, b.ends_at, b.spread, b.columns,
			b.control, b.steers, b.over_cap, b.recipients, b.list_hash,
			(SELECT jsonb_agg(jsonb_build_array(v.variant, v.share) ORDER BY v.variant)
				FROM hall.blast_variant v WHERE v.blast = b.id),
			(SELECT jsonb_agg(jsonb_build_array(t.variant, t.lang, t.text) ORDER BY t.variant, t.lang)
				FROM hall.blast_text t WHERE t.blast = b.id))::text, 'UTF8')), 'hex')
	FROM hall.blast b WHERE b.id = p_blast
$$;

REVOKE ALL ON FUNCTION hall.blast_hash(integer) FROM PUBLIC;
