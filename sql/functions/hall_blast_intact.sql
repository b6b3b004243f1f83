-- hall.blast_intact(blast, hash): whether content and list are still what has that hash, worked out anew.
-- Called by hall.blast_approve() and hall.blast_start().
-- Parameters: the blast's number; the hash.
-- Result: whether.
-- Tables: hall.blast, hall.blast_variant, hall.blast_text, hall.blast_recipient.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_intact(p_blast integer, p_hash text)
RETURNS boolean LANGUAGE plpgsql STABLE
SET search_path = hall, pg_temp
AS $$
BEGIN
	RETURN (SELECT coalesce(b.list_hash = hall.blast_list_hash(b.id) AND p_hash = hall.blast_hash(b.id), false)
		FROM hall.blast b WHERE b.id = p_blast);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_intact(integer, text) FROM PUBLIC;
