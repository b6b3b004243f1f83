-- hall_api.plan_parts(): what a plan can be composed of.
-- Parameters: none.
-- Result: a row a choice: part (data | voice | sms), choice, amount (MB, minutes, messages), price in fen a month;
-- data, voice, sms: the same amount in the column of its part, NULL in the others; first: of its part.
-- Outcomes: ok (no row: none).
-- Tables: bss.plan_part.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_parts_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.plan_parts()
RETURNS TABLE (outcome hall_api.plan_parts_outcome, part text, choice smallint, amount integer, price integer,
	data integer, voice integer, sms integer, first boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 12
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.plan_parts_outcome, p.part::text, p.choice, p.amount, p.price,
		CASE WHEN p.part = 'data' THEN p.amount END, CASE WHEN p.part = 'voice' THEN p.amount END,
		CASE WHEN p.part = 'sms' THEN p.amount END,
		p.choice = min(p.choice) OVER (PARTITION BY p.part)
	FROM bss.plan_part p
	ORDER BY p.part, p.choice;
END
$$;
