-- hall.blast_begin(blast, who, now): from now on it is drained.
-- Called by hall.blast_start(), and by hall.blast_take() for one whose time has come.
-- Parameters: the blast's number; who began it; now.
-- Result: none.
-- Tables: writes hall.blast, hall.blast_pace, hall.blast_log.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_begin(p_blast integer, p_who text, p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
BEGIN
	UPDATE hall.blast SET state = 'running', scheduled = false, started_at = p_now WHERE id = p_blast;
	INSERT INTO hall.blast_pace (blast, tokens, at) VALUES (p_blast, 1, p_now) ON CONFLICT DO NOTHING;
	PERFORM hall.blast_note(p_blast, p_who, 'begin');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_begin(integer, text, timestamptz) FROM PUBLIC;
