-- hall.blast_finish(blast, now): a blast all of whose recipients were handled is done, once none of its messages waits behind the
-- door any more.  Looked at every ten seconds.
-- Called by hall.blast_take().
-- Parameters: the blast's number; now.
-- Result: none.
-- Tables: writes hall.blast, hall.blast_log; reads hall.blast_held, hall.held.
-- Locks: the blast; where another has it nothing is done.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_finish(p_blast integer, p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = hall, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
BEGIN
	PERFORM FROM hall.blast b
	WHERE b.id = p_blast AND b.state = 'running' AND b.checked_at <= p_now - interval '10 seconds'
	FOR NO KEY UPDATE SKIP LOCKED;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM hall.blast_held k JOIN hall.held h ON h.msisdn = k.msisdn AND h.at = k.at AND h.id = k.id
			WHERE k.blast = p_blast) THEN
		UPDATE hall.blast SET checked_at = p_now WHERE id = p_blast;
		RETURN;
	END IF;
	UPDATE hall.blast SET state = 'done', finished_at = p_now, checked_at = p_now WHERE id = p_blast;
	PERFORM hall.blast_note(p_blast, 'smsd', 'done');
END
$$;

REVOKE ALL ON FUNCTION hall.blast_finish(integer, timestamptz) FROM PUBLIC;
