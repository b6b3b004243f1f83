-- hall_api.gift_list(msisdn, lang): what points can be exchanged for.
-- Parameters: msisdn; lang: zh | en.
-- Result: a row a gift that can be had, cheapest first: code, name, price in points; have: the customer's points;
-- codes: all codes in the order of the rows, comma-separated, the same in each row.  No row when there is none.
-- Outcomes: ok (no row: none).
-- Tables: bss.gift, bss.points.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.gift_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.gift_list(p_msisdn text, p_lang text)
RETURNS TABLE (outcome hall_api.gift_list_outcome, code text, name text, price integer, have integer, codes text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.gift_list_outcome, g.code, CASE p_lang WHEN 'en' THEN g.name_en ELSE g.name_zh END, g.price,
		coalesce((SELECT p.points FROM bss.points p WHERE p.msisdn = p_msisdn), 0),
		string_agg(g.code, ',') OVER (ORDER BY g.price, g.code ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
	FROM bss.gift g
	WHERE g.offered AND (g.stock IS NULL OR g.taken < g.stock)
	ORDER BY g.price, g.code;
END
$$;
