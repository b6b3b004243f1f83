-- hall.blast_turn(now): what the clock does to blasts: scheduled ones begin, those whose end has come expire.
-- Called by hall.blast_take().
-- Parameters: now.
-- Result: none.
-- Tables: writes hall.blast, hall.blast_pace, hall.held, hall.blast_log.
-- Locks: those blasts; one that another has is left to him.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_turn(p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
DECLARE
	b hall.blast;
BEGIN
	FOR b IN
		SELECT x.* FROM hall.blast x
		WHERE x.state IN ('approved', 'running', 'paused')
		  AND (x.ends_at <= p_now OR (x.state = 'approved' AND x.scheduled AND x.starts_at <= p_now))
		FOR NO KEY UPDATE SKIP LOCKED
	LOOP
		IF b.ends_at <= p_now THEN
			UPDATE hall.blast SET state = 'expired', scheduled = false, finished_at = p_now WHERE id = b.id;
			PERFORM hall.blast_held_due(b.id, p_now);	-- the door finds that they are too late
			PERFORM hall.blast_note(b.id, 'smsd', 'expire');
		ELSIF hall.blast_intact(b.id, b.approved_hash) THEN
			PERFORM hall.blast_begin(b.id, 'smsd', p_now);
		ELSE
			PERFORM hall.blast_reopen(b.id);
			PERFORM hall.blast_note(b.id, 'smsd', 'reject', jsonb_build_object('why', 'it is not what was approved'));
		END IF;
	END LOOP;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_turn(timestamptz) FROM PUBLIC;
