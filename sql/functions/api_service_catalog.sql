-- hall_api.service_catalog(lang): what can be switched on.
-- Parameters: lang: zh | en.
-- Result: a row a service that is offered, cheapest first: code, name, price in fen a month.
-- Outcomes: ok (no row: none).
-- Tables: bss.service.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.service_catalog_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.service_catalog(p_lang text)
RETURNS TABLE (outcome hall_api.service_catalog_outcome, code text, name text, price integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.service_catalog_outcome, s.code,
		CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END, s.price
	FROM bss.service s
	WHERE s.offered
	ORDER BY s.price, s.code;
END
$$;
