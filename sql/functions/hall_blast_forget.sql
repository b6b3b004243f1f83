-- hall.blast_forget(days): the lists of blasts that were over so long ago are deleted; what they were and what was done with them
-- stays.
-- Called by smsd now and then, with its retention: no list is kept longer than the messages that were sent from it.
-- Parameters: days, at least 180: records must be kept so long.
-- Result: how many recipients are gone.
-- Errors: 22023 for fewer days.
-- Tables: writes hall.blast_recipient, hall.blast_held; reads hall.blast.
-- Locks: none that anybody waits for; ends after some blasts, and goes on the next time.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_forget(p_days integer)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	old integer;
	gone bigint := 0;
	n bigint;
BEGIN
	IF p_days IS NULL OR p_days < 180 THEN
		RAISE EXCEPTION 'blast_forget: % days are too few', p_days USING ERRCODE = '22023', HINT = 'Lists are kept for 180 days at least.';
	END IF;
	FOR old IN
		SELECT b.id FROM hall.blast b
		WHERE b.finished_at < now() - p_days * interval '1 day'
		  AND EXISTS (SELECT FROM hall.blast_recipient r WHERE r.blast = b.id)
		ORDER BY b.id LIMIT 5
	LOOP
		DELETE FROM hall.blast_held k WHERE k.blast = old;
		DELETE FROM hall.blast_recipient r WHERE r.blast = old;
		GET DIAGNOSTICS n = ROW_COUNT;
		gone := gone + n;
		PERFORM hall.blast_note(old, 'smsd', 'forget', jsonb_build_object('recipients', n));
	END LOOP;
	RETURN gone;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_forget(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_forget(integer) TO smsd, hall_ops;
