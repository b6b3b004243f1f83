-- hall.blast_shares_set(blast, shares): how large each variant's part is.
-- Called by hall.blast_apply().
-- Parameters: the blast's number; shares: {"A": 50, "B": 50}, each of its variants.
-- Result: NULL, or why not.
-- Errors: 23514 for shares out of range.
-- Tables: writes hall.blast_variant.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_shares_set(p_blast integer, p_shares jsonb)
RETURNS text LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
DECLARE
	bad text;
BEGIN
	IF jsonb_typeof(p_shares) = 'null' THEN
		UPDATE hall.blast_variant v SET share = 50 WHERE v.blast = p_blast;
		RETURN NULL;
	ELSIF jsonb_typeof(p_shares) <> 'object' THEN
		RETURN 'a share for each variant is wanted';
	END IF;
	SELECT coalesce(v.variant, s.key) INTO bad
	FROM (SELECT w.variant FROM hall.blast_variant w WHERE w.blast = p_blast) AS v
	FULL JOIN jsonb_object_keys(p_shares) AS s (key) ON s.key = v.variant
	WHERE v.variant IS NULL OR s.key IS NULL LIMIT 1;
	IF bad IS NOT NULL THEN
		RETURN format('variant %s needs both a share and texts', bad);
	END IF;
	UPDATE hall.blast_variant v SET share = s.value::smallint
	FROM jsonb_each_text(p_shares) AS s
	WHERE v.blast = p_blast AND v.variant = s.key;
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_shares_set(integer, jsonb) FROM PUBLIC;
