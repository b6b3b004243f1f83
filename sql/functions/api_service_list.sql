-- hall_api.service_list(msisdn, lang): what a subscriber has switched on, in groups, to be cancelled by number.
-- Parameters: msisdn; lang: zh | en.
-- Result: a row a service, by group and code: code, name, price in fen a month, since; grp: the group's name, in the
-- first row of each group; codes: all codes in the order of the rows, comma-separated, the same in each row, for
-- hall_api.services_cancel().  No row when there is none.
-- Outcomes: ok (no row: none).
-- Tables: bss.subscription, bss.service.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.service_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.service_list(p_msisdn text, p_lang text)
RETURNS TABLE (outcome hall_api.service_list_outcome, code text, name text, price integer, since timestamptz, grp text,
	codes text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.service_list_outcome, s.code, CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END,
		u.price, u.since,
		CASE WHEN row_number() OVER (PARTITION BY s.grp_zh ORDER BY s.code) = 1
			THEN CASE p_lang WHEN 'en' THEN s.grp_en ELSE s.grp_zh END END,
		string_agg(s.code, ',') OVER (ORDER BY s.grp_zh, s.code
			ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
	FROM bss.subscription u
	JOIN bss.service s ON s.code = u.service
	WHERE u.msisdn = p_msisdn
	ORDER BY s.grp_zh, s.code;
END
$$;
