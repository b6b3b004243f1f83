-- hall_api.gift_quote(msisdn, gift, lang): what a gift would cost, for the question before the exchange.
-- Parameters: msisdn; gift: as the customer named it; lang: zh | en.
-- Result: one row.  code, name; price in points; have: the customer's points; points_left: after it; pickup: true when
-- it must be picked up in a hall; price_version: of that price, for hall_api.gift_exchange().
-- Outcomes: ok (it can be exchanged) | insufficient (too few points) | sold_out | not_offered (no longer) |
-- unknown_gift | unknown_number.
-- Tables: bss.gift, bss.points, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.gift_quote_outcome', 'ok', 'insufficient', 'sold_out', 'not_offered', 'unknown_gift',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.gift_quote(p_msisdn text, p_gift text, p_lang text,
	OUT outcome hall_api.gift_quote_outcome, OUT code text, OUT name text, OUT price integer, OUT have integer,
	OUT points_left integer, OUT pickup boolean, OUT price_version integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN NOT g.offered THEN 'not_offered' WHEN g.taken >= g.stock THEN 'sold_out'
			WHEN s.msisdn IS NULL THEN 'unknown_number' WHEN coalesce(p.points, 0) < g.price THEN 'insufficient'
			ELSE 'ok' END,
		g.code, CASE p_lang WHEN 'en' THEN g.name_en ELSE g.name_zh END, g.price, coalesce(p.points, 0),
		p.points - g.price, g.stock IS NOT NULL, g.price_version
	INTO outcome, code, name, price, have, points_left, pickup, price_version
	FROM bss.gift g
	LEFT JOIN bss.subscriber s ON s.msisdn = p_msisdn
	LEFT JOIN bss.points p ON p.msisdn = p_msisdn
	WHERE g.code = p_gift;
	IF NOT FOUND THEN
		outcome := 'unknown_gift';
	END IF;
END
$$;
