-- hall.blast_add(counts, whys): counts reasons.
-- Called by hall.blast_take().
-- Parameters: what was counted before, by reason; reasons, NULL for none.
-- Result: the sums.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_add(p_counts jsonb, p_whys text[])
RETURNS jsonb LANGUAGE sql IMMUTABLE
AS $$
	SELECT coalesce(jsonb_object_agg(s.why, s.n), '{}')
	FROM (SELECT u.why, sum(u.n) AS n
		FROM (SELECT e.key AS why, e.value::bigint AS n FROM jsonb_each_text(p_counts) AS e
			UNION ALL
			SELECT w.why, 1 FROM unnest(p_whys) AS w (why) WHERE w.why IS NOT NULL) AS u
		GROUP BY u.why) AS s
$$;

REVOKE ALL ON FUNCTION hall.blast_add(jsonb, text[]) FROM PUBLIC;
