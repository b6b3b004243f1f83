-- hall_api.quote(msisdn, service, lang): what switching a service on would cost, for the question before it.
-- Parameters: msisdn; service: as the customer named it; lang: zh | en.
-- Result: one row.  code, name, provider; price in fen a month; balance in fen; data_mb: what it adds this month;
-- price_version: of that price, for hall_api.service_on().
-- Outcomes: ok (it can be switched on) | already_on | insufficient (balance below the price) | not_offered (no longer
-- sold) | unknown_service | unknown_number.
-- Tables: bss.service, bss.subscription, bss.account.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.quote_outcome', 'ok', 'already_on', 'insufficient', 'not_offered', 'unknown_service',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.quote(p_msisdn text, p_service text, p_lang text,
	OUT outcome hall_api.quote_outcome, OUT code text, OUT name text, OUT provider text, OUT price integer,
	OUT balance bigint, OUT data_mb integer, OUT price_version integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN u.service IS NOT NULL THEN 'already_on' WHEN NOT s.offered THEN 'not_offered'
			WHEN a.msisdn IS NULL THEN 'unknown_number' WHEN a.balance < s.price THEN 'insufficient' ELSE 'ok' END,
		s.code, CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END,
		CASE p_lang WHEN 'en' THEN s.provider_en ELSE s.provider_zh END, s.price, a.balance, s.data_mb, s.price_version
	INTO outcome, code, name, provider, price, balance, data_mb, price_version
	FROM bss.service s
	LEFT JOIN bss.subscription u ON u.msisdn = p_msisdn AND u.service = s.code
	LEFT JOIN bss.account a ON a.msisdn = p_msisdn
	WHERE s.code = p_service;
	IF NOT FOUND THEN
		outcome := 'unknown_service';
	END IF;
END
$$;
