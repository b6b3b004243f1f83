-- hall_api.service_list(msisdn, lang): what a subscriber has switched on.
-- Parameters: msisdn; lang: zh | en.
-- Result: a row a service, by name: code, name, price in fen a month, since; no row when there is none.
-- Outcomes: ok (no row: none).
-- Tables: bss.subscription, bss.service.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.service_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.service_list(p_msisdn text, p_lang text)
RETURNS TABLE (outcome hall_api.service_list_outcome, code text, name text, price integer, since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.service_list_outcome, s.code, CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END,
		u.price, u.since
	FROM bss.subscription u
	JOIN bss.service s ON s.code = u.service
	WHERE u.msisdn = p_msisdn
	ORDER BY s.code;
END
$$;
