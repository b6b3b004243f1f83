-- hall_api.service_about(msisdn, code, lang): what a service is, what it costs, and whether the customer has it.
-- Parameters: msisdn; code: as the customer named it; lang: zh | en.
-- Result: one row.  code, name, about; price in fen a month (who has it: as agreed then); since.
-- Outcomes: off (he does not have it) | on (he has) | not_offered (he has not, and it is no longer sold) |
-- unknown_service.
-- Tables: bss.service, bss.subscription.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.service_about_outcome', 'off', 'on', 'not_offered', 'unknown_service');

CREATE OR REPLACE FUNCTION hall_api.service_about(p_msisdn text, p_code text, p_lang text,
	OUT outcome hall_api.service_about_outcome, OUT code text, OUT name text, OUT about text, OUT price integer,
	OUT since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN u.since IS NOT NULL THEN 'on' WHEN s.offered THEN 'off' ELSE 'not_offered' END, s.code,
		CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END,
		CASE p_lang WHEN 'en' THEN s.about_en ELSE s.about_zh END,
		coalesce(u.price, s.price), u.since
	INTO outcome, code, name, about, price, since
	FROM bss.service s
	LEFT JOIN bss.subscription u ON u.msisdn = p_msisdn AND u.service = s.code
	WHERE s.code = p_code;
	IF NOT FOUND THEN
		outcome := 'unknown_service';
	END IF;
END
$$;
