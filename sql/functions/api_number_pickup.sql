-- hall_api.number_pickup(msisdn, mo_id, now): reserves the number that a subscriber holds for three days and draws the
-- code with which he picks it up in a hall.
-- Parameters: msisdn; mo_id: the text; now.
-- Result: one row.  number; prepay in fen; until; code.
-- Outcomes: ok (also for a text that was done before) | already (it is reserved: its code again) | none (he holds no
-- number) | no_code (the pool of codes is empty: staff must fill it, codes_make()).
-- Tables: writes bss.number_hold, bss.number, bss.code_pool.
-- Locks: the hold, a code that nobody else draws, then the number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.number_pickup_outcome', 'ok', 'already', 'none', 'no_code');

CREATE OR REPLACE FUNCTION hall_api.number_pickup(p_msisdn text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.number_pickup_outcome, OUT number text, OUT prepay integer, OUT until timestamptz, OUT code text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	h bss.number_hold;
BEGIN
	SELECT * INTO h
	FROM bss.number_hold o
	WHERE o.msisdn = p_msisdn AND (o.code_id = p_mo_id OR (o.state IN ('held', 'reserved') AND o.until > p_now))
	ORDER BY o.code_id = p_mo_id DESC NULLS LAST
	LIMIT 1
	FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		outcome := 'none';
		RETURN;
	END IF;
	number := h.number;
	SELECT n.prepay INTO prepay FROM bss.number n WHERE n.number = h.number;
	IF h.code IS NOT NULL THEN
		outcome := CASE WHEN h.code_id = p_mo_id THEN 'ok' ELSE 'already' END;
		code := h.code;
		until := h.until;
		RETURN;
	END IF;

	-- MATERIALIZED: looked for once, whatever the plan; or each look would pass over the code that the last one locked.
	WITH free AS MATERIALIZED (SELECT f.code FROM bss.code_pool f
		WHERE f.pool = 'pickup' AND f.drawn_at IS NULL
		ORDER BY f.n LIMIT 1
		FOR UPDATE SKIP LOCKED)
	UPDATE bss.code_pool c
	SET drawn_at = p_now, drawn_by = p_msisdn, draw_id = p_mo_id
	FROM free
	WHERE c.pool = 'pickup' AND c.code = free.code
	RETURNING c.code INTO code;
	IF NOT FOUND THEN
		until := h.until;
		outcome := 'no_code';
		RETURN;
	END IF;
	until := p_now + interval '3 days';
	UPDATE bss.number_hold o
	SET state = 'reserved', code = number_pickup.code, code_id = p_mo_id, until = number_pickup.until, changed_at = p_now
	WHERE o.msisdn = p_msisdn AND o.id = h.id;
	UPDATE bss.number n
	SET state = 'reserved', held_until = number_pickup.until
	WHERE n.number = h.number;
	outcome := 'ok';
END
$$;
