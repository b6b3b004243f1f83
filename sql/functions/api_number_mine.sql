-- hall_api.number_mine(msisdn, now): the number that a subscriber holds or has reserved.
-- Parameters: msisdn; now.
-- Result: one row.  number; prepay in fen; until; code: to pick it up with.
-- Outcomes: held | reserved (a pick-up code was given) | none.
-- Tables: bss.number_hold, bss.number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.number_mine_outcome', 'held', 'reserved', 'none');

CREATE OR REPLACE FUNCTION hall_api.number_mine(p_msisdn text, p_now timestamptz,
	OUT outcome hall_api.number_mine_outcome, OUT number text, OUT prepay integer, OUT until timestamptz, OUT code text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT h.state, h.number, n.prepay, h.until, h.code
	INTO outcome, number, prepay, until, code
	FROM bss.number_hold h
	JOIN bss.number n ON n.number = h.number
	WHERE h.msisdn = p_msisdn AND h.state IN ('held', 'reserved') AND h.until > p_now;
	IF NOT FOUND THEN
		outcome := 'none';
	END IF;
END
$$;
