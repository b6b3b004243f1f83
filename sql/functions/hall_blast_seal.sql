-- hall.blast_seal(blast): hashes a list, and cuts it into the ranges in which it is drained.
-- Called by hall.blast_seal_list() and hall.blast_submit(), who hold the blast's lock.
-- Parameters: the blast's number.
-- Result: the hash.
-- Tables: writes hall.blast, hall.blast_range; reads hall.blast_recipient.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_seal(p_blast integer)
RETURNS text LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
DECLARE
	hash text := hall.blast_list_hash(p_blast);
	n bigint;
	piece integer;
BEGIN
	UPDATE hall.blast SET list_hash = hash WHERE id = p_blast RETURNING recipients INTO n;
	piece := least(greatest(n / 20, 100), 10000);	-- so that several smsd share a short one too
	DELETE FROM hall.blast_range r WHERE r.blast = p_blast;
	INSERT INTO hall.blast_range (blast, first, last, next)
	SELECT p_blast, g, least(g + piece - 1, n), g
	FROM generate_series(1, n, piece) AS g;
	RETURN hash;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_seal(integer) FROM PUBLIC;
