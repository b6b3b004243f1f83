-- hall_api.number_hold(msisdn, number, mo_id, now): holds a number for half an hour; one at a time.
-- Parameters: msisdn; number: which; mo_id: the text; now.
-- Result: one row.  number; prepay in fen; until.  With has_other: the number that he holds, and until when.
-- Outcomes: ok (also for a text that was done before) | already (he holds it) | has_other | taken | no_such_number.
-- Tables: writes bss.number, bss.number_hold.
-- Locks: the subscriber's holds, then the number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.number_hold_outcome', 'ok', 'already', 'has_other', 'taken', 'no_such_number');

CREATE OR REPLACE FUNCTION hall_api.number_hold(p_msisdn text, p_number text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.number_hold_outcome, OUT number text, OUT prepay integer, OUT until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN h.id = p_mo_id THEN 'ok' WHEN h.number = p_number THEN 'already' ELSE 'has_other' END,
		h.number, h.until, n.prepay
	INTO outcome, number, until, prepay
	FROM bss.number_hold h
	JOIN bss.number n ON n.number = h.number
	WHERE h.msisdn = p_msisdn AND (h.id = p_mo_id OR (h.state IN ('held', 'reserved') AND h.until > p_now))
	ORDER BY h.id = p_mo_id DESC
	LIMIT 1
	FOR NO KEY UPDATE OF h;
	IF FOUND THEN
		RETURN;
	END IF;

	number := p_number;
	UPDATE bss.number n
	SET state = 'held', held_by = p_msisdn, hold_id = p_mo_id, held_until = p_now + interval '30 minutes'
	WHERE n.number = p_number AND (n.state = 'free' OR (n.state IN ('held', 'reserved') AND n.held_until <= p_now))
	RETURNING n.prepay, n.held_until INTO prepay, until;
	IF NOT FOUND THEN
		outcome := CASE WHEN EXISTS (SELECT FROM bss.number n WHERE n.number = p_number)
			THEN 'taken' ELSE 'no_such_number' END;
		RETURN;
	END IF;
	INSERT INTO bss.number_hold (msisdn, id, number, at, until, changed_at)
	VALUES (p_msisdn, p_mo_id, p_number, p_now, number_hold.until, p_now);
	outcome := 'ok';
END
$$;
