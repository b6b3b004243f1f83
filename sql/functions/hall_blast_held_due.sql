-- hall.blast_held_due(blast, due): when the door looks at what a blast left in hall.held.
-- Called when a blast is paused (never), and when it goes on, ends or expires (now).
-- Parameters: the blast's number; when.
-- Result: none.
-- Tables: writes hall.held; reads hall.blast_held.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_held_due(p_blast integer, p_due timestamptz)
RETURNS void LANGUAGE sql
SET search_path = hall, pg_temp
AS $$
	UPDATE hall.held h SET due = p_due
	FROM hall.blast_held b
	WHERE b.blast = p_blast AND h.msisdn = b.msisdn AND h.at = b.at AND h.id = b.id
$$;

REVOKE ALL ON FUNCTION hall.blast_held_due(integer, timestamptz) FROM PUBLIC;
