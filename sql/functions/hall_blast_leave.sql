-- hall.blast_leave(instance): a smsd that ends in order gives back the ranges that it had leased, for others to go on at once.
-- Called by smsd when nothing of its own is under way any more.
-- Parameters: instance.
-- Result: how many ranges.
-- Tables: writes hall.blast_range; reads hall.blast.
-- Locks: the ranges; one that another has locked is his by now.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_leave(p_instance text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	given integer;
BEGIN
	UPDATE hall.blast_range g SET instance = NULL, leased_until = '-infinity'
	FROM (SELECT r.blast, r.first
		FROM hall.blast b
		JOIN hall.blast_range r ON r.blast = b.id
		WHERE b.state IN ('approved', 'running', 'paused') AND r.instance = p_instance AND r.next <= r.last
		FOR UPDATE OF r SKIP LOCKED) AS t
	WHERE g.blast = t.blast AND g.first = t.first;
	GET DIAGNOSTICS given = ROW_COUNT;
	RETURN given;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_leave(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_leave(text) TO smsd;
