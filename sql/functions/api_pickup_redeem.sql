-- hall_api.pickup_redeem(code, hall, clerk): hands out a reserved number against its pick-up code.  The halls' system
-- calls it, not a command.
-- Parameters: code; hall, clerk: for the record.
-- Result: one row.  number; msisdn: who reserved it; prepay in fen; redeemed_at: with redeemed, when it was handed in.
-- Outcomes: ok | redeemed (before) | expired (or given up) | unknown_code (never given out).
-- Tables: writes bss.code_pool, bss.number_hold, bss.number.
-- Locks: the hold, the code, then the number, as number_pickup() does.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.pickup_redeem_outcome', 'ok', 'redeemed', 'expired', 'unknown_code');

CREATE OR REPLACE FUNCTION hall_api.pickup_redeem(p_code text, p_hall text, p_clerk text,
	OUT outcome hall_api.pickup_redeem_outcome, OUT number text, OUT msisdn text, OUT prepay integer,
	OUT redeemed_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	c bss.code_pool;
	h bss.number_hold;
BEGIN
	SELECT * INTO c FROM bss.code_pool p WHERE p.pool = 'pickup' AND p.code = p_code;
	IF NOT FOUND OR c.drawn_at IS NULL THEN
		outcome := 'unknown_code';
		RETURN;
	END IF;
	SELECT * INTO h
	FROM bss.number_hold o
	WHERE o.msisdn = c.drawn_by AND o.code_id = c.draw_id FOR NO KEY UPDATE;
	SELECT p.redeemed_at INTO redeemed_at
	FROM bss.code_pool p
	WHERE p.pool = 'pickup' AND p.code = p_code FOR NO KEY UPDATE;
	number := h.number;
	msisdn := h.msisdn;
	IF redeemed_at IS NOT NULL THEN
		outcome := 'redeemed';
		RETURN;
	ELSIF h.state IS DISTINCT FROM 'reserved' OR h.until <= now() THEN
		outcome := 'expired';
		RETURN;
	END IF;

	UPDATE bss.code_pool p
	SET redeemed_at = now(), redeemed_hall = p_hall, redeemed_clerk = p_clerk
	WHERE p.pool = 'pickup' AND p.code = p_code;
	UPDATE bss.number_hold o
	SET state = 'redeemed', changed_at = now()
	WHERE o.msisdn = h.msisdn AND o.id = h.id;
	UPDATE bss.number n
	SET state = 'sold', held_until = NULL
	WHERE n.number = h.number
	RETURNING n.prepay INTO prepay;
	redeemed_at := now();
	outcome := 'ok';
END
$$;

REVOKE ALL ON FUNCTION hall_api.pickup_redeem(text, text, text) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.pickup_redeem(text, text, text) TO hall_channel;
