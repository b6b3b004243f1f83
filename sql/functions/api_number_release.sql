-- hall_api.number_release(msisdn, mo_id, now): gives up the number that a subscriber holds; its pick-up code is void.
-- Parameters: msisdn; mo_id: the text; now.
-- Result: one row.  number.
-- Outcomes: ok (also for a text that was done before) | none.
-- Tables: writes bss.number_hold, bss.number.
-- Locks: the hold, then the number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.number_release_outcome', 'ok', 'none');

CREATE OR REPLACE FUNCTION hall_api.number_release(p_msisdn text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.number_release_outcome, OUT number text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	held uuid;
BEGIN
	SELECT h.number INTO number FROM bss.number_hold h WHERE h.msisdn = p_msisdn AND h.off_id = p_mo_id;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;
	UPDATE bss.number_hold h
	SET state = 'released', off_id = p_mo_id, changed_at = p_now
	WHERE h.msisdn = p_msisdn AND h.state IN ('held', 'reserved') AND h.until > p_now
	RETURNING h.number, h.id INTO number, held;
	IF NOT FOUND THEN
		outcome := 'none';
		RETURN;
	END IF;
	UPDATE bss.number n
	SET state = 'free', held_by = NULL, hold_id = NULL, held_until = NULL
	WHERE n.number = number_release.number AND n.held_by = p_msisdn AND n.hold_id = held;
	outcome := 'ok';
END
$$;
