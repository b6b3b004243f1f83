-- hall_api.draw_fill(draw, blanks): makes and shuffles the tickets of a prize draw, once.  Staff call it, not a command.
-- Parameters: draw: its code; blanks: how many win nothing.
-- Result: one row.  made: how many tickets.
-- Outcomes: ok | filled (it has its tickets already) | refused (blanks out of range, or no prizes) | unknown_draw.
-- Tables: bss.prize; writes bss.draw_ticket, which keeps who made them and when.
-- Locks: the draw.
-- The order and the coupons' numbers are taken from gen_random_uuid(), that is from the cryptographic generator.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.draw_fill_outcome', 'ok', 'filled', 'refused', 'unknown_draw');

CREATE OR REPLACE FUNCTION hall_api.draw_fill(p_draw text, p_blanks integer,
	OUT outcome hall_api.draw_fill_outcome, OUT made integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	made := 0;
	PERFORM FROM bss.draw d WHERE d.code = p_draw FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		outcome := 'unknown_draw';
	ELSIF EXISTS (SELECT FROM bss.draw_ticket t WHERE t.draw = p_draw) THEN
		outcome := 'filled';
	ELSIF p_blanks NOT BETWEEN 0 AND 10000000 OR NOT EXISTS (SELECT FROM bss.prize p WHERE p.draw = p_draw) THEN
		outcome := 'refused';
	END IF;
	IF outcome IS NOT NULL THEN
		RETURN;
	END IF;
	INSERT INTO bss.draw_ticket (draw, n, prize, coupon)
	SELECT p_draw, row_number() OVER (ORDER BY gen_random_uuid()), s.prize,
		CASE WHEN s.prize IS NOT NULL THEN upper(left(replace(gen_random_uuid()::text, '-', ''), 12)) END
	FROM (SELECT p.prize FROM bss.prize p, generate_series(1, p.number) WHERE p.draw = p_draw
		UNION ALL
		SELECT NULL FROM generate_series(1, p_blanks)) AS s;
	GET DIAGNOSTICS made = ROW_COUNT;
	outcome := 'ok';
END
$$;

REVOKE ALL ON FUNCTION hall_api.draw_fill(text, integer) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.draw_fill(text, integer) TO hall_ops, hall_owner;
