-- hall.blast_load_whys(load, blast, recipients, columns): the bad rows of what was loaded.
-- Called by hall.blast_recipients_add().
-- Parameters: which rows; the blast; how many recipients it had before; how many columns there must be.
-- Result: a row a bad one: line, why, of (the line that a duplicate repeats).
-- Tables: hall.blast_load, hall.blast_recipient.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_load_whys(p_load uuid, p_blast integer, p_recipients bigint, p_columns integer)
RETURNS TABLE (line integer, why text, of integer) LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on
SET work_mem = '128MB'
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH loaded AS (
		SELECT l.line, l.msisdn, hall.blast_row_why(l.msisdn, l.lang, l.data, p_columns) AS why
		FROM hall.blast_load l WHERE l.load = p_load
	), first AS (
		SELECT l.*, CASE WHEN l.why IS NULL THEN min(l.line) OVER (PARTITION BY l.why, l.msisdn) END AS first FROM loaded l
	)
	SELECT f.line, coalesce(f.why, CASE WHEN f.first < f.line THEN 'duplicate' ELSE 'known' END),
		CASE WHEN f.first < f.line THEN f.first END
	FROM first f
	WHERE f.why IS NOT NULL OR f.first < f.line
		-- What this call itself has put on the list is not known.
	   OR (p_recipients > 0 AND EXISTS (SELECT FROM hall.blast_recipient r
		WHERE r.blast = p_blast AND r.n <= p_recipients AND r.msisdn = f.msisdn));
END
$$;

REVOKE ALL ON FUNCTION hall.blast_load_whys(uuid, integer, bigint, integer) FROM PUBLIC;
