-- hall.blast_whys(blast, more): for which reasons recipients of a blast were refused.
-- Called for its status.
-- Parameters: the blast's number; what was refused later, by reason.
-- Result: how many by reason, both together.
-- Tables: hall.blast_range.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_whys(p_blast integer, p_more jsonb)
RETURNS jsonb LANGUAGE sql STABLE
SET search_path = hall, pg_temp
AS $$
	SELECT coalesce(jsonb_object_agg(s.why, s.n), '{}')
	FROM (SELECT u.why, sum(u.n) AS n
		FROM (SELECT e.key AS why, e.value::bigint AS n
			FROM hall.blast_range r, jsonb_each_text(r.whys) AS e WHERE r.blast = p_blast
			UNION ALL
			SELECT m.key, m.value::bigint FROM jsonb_each_text(p_more) AS m) AS u
		GROUP BY u.why) AS s
$$;

REVOKE ALL ON FUNCTION hall.blast_whys(integer, jsonb) FROM PUBLIC;
