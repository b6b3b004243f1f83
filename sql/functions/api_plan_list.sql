-- hall_api.plan_list(msisdn, lang): plans that one can change to.
-- Parameters: msisdn; lang: zh | en.
-- Result: a row a plan that is offered, cheapest first: code, name; price in fen a month; data_mb, voice_min, sms
-- included; mine: he has it.
-- Outcomes: ok (no row: none).
-- Tables: bss.plan, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.plan_list(p_msisdn text, p_lang text)
RETURNS TABLE (outcome hall_api.plan_list_outcome, code text, name text, price integer, data_mb integer,
	voice_min integer, sms integer, mine boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.plan_list_outcome, p.code, CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, p.price,
		p.data_mb, p.voice_min, p.sms,
		EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn AND s.plan = p.code)
	FROM bss.plan p
	WHERE p.offered
	ORDER BY p.price, p.code;
END
$$;
