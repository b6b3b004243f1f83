-- hall.blast_repeats(blast): how many of a blast's messages were perhaps sent twice.
-- Called for its status, its report and what is shown of it.
-- Parameters: the blast's number.
-- Result: again: so many at most; again_whys: how many by reason: restart, after a smsd died; link, after a gateway's link was lost.
-- Tables: hall.blast_again.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_repeats(p_blast integer)
RETURNS jsonb LANGUAGE sql STABLE
SET search_path = hall, pg_temp
AS $$
	SELECT jsonb_build_object('again', coalesce(sum(w.n), 0), 'again_whys', coalesce(jsonb_object_agg(w.why, w.n), '{}'))
	FROM (SELECT a.why, sum(a.messages) AS n FROM hall.blast_again a WHERE a.blast = p_blast GROUP BY a.why) AS w
$$;

REVOKE ALL ON FUNCTION hall.blast_repeats(integer) FROM PUBLIC;
