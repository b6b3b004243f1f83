-- hall.blast_later(blast): what became of those messages that a blast's drain left behind the door.
-- Called for its status.
-- Parameters: the blast's number.
-- Result: one row: how many are held now, were sent, were refused; the first and last by reason.
-- Tables: hall.blast_held, hall.mt.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_later(p_blast integer, OUT held bigint, OUT sent bigint, OUT refused bigint,
	OUT held_whys jsonb, OUT refused_whys jsonb)
LANGUAGE sql STABLE
SET search_path = hall, pg_temp
AS $$
	WITH now AS MATERIALIZED (
		SELECT CASE WHEN m.state IN ('held', 'refused') THEN m.state::text ELSE 'sent' END AS state, m.why, count(*) AS n
		FROM hall.blast_held k
		JOIN hall.mt m ON m.msisdn = k.msisdn AND m.at = k.at AND m.id = k.id
		WHERE k.blast = p_blast
		GROUP BY 1, 2
	)
	SELECT coalesce(sum(w.n) FILTER (WHERE w.state = 'held'), 0)::bigint, coalesce(sum(w.n) FILTER (WHERE w.state = 'sent'), 0)::bigint,
		coalesce(sum(w.n) FILTER (WHERE w.state = 'refused'), 0)::bigint,
		coalesce(jsonb_object_agg(w.why, w.n) FILTER (WHERE w.state = 'held' AND w.why IS NOT NULL), '{}'),
		coalesce(jsonb_object_agg(w.why, w.n) FILTER (WHERE w.state = 'refused' AND w.why IS NOT NULL), '{}')
	FROM now w
$$;

REVOKE ALL ON FUNCTION hall.blast_later(integer) FROM PUBLIC;
