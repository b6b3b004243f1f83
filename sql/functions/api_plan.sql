-- hall_api.plan(msisdn, lang): the plan of a subscriber.
-- Parameters: msisdn; lang: zh | en.
-- Result: one row.  name; price in fen a month; data_mb, voice_min, sms included; since.
-- Outcomes: ok | unknown_number.
-- Tables: bss.subscriber, bss.plan.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_outcome', 'ok', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.plan(p_msisdn text, p_lang text,
	OUT outcome hall_api.plan_outcome, OUT name text, OUT price integer, OUT data_mb integer,
	OUT voice_min integer, OUT sms integer, OUT since date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT 'ok', CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, p.price, p.data_mb, p.voice_min, p.sms,
		s.plan_since
	INTO outcome, name, price, data_mb, voice_min, sms, since
	FROM bss.subscriber s
	JOIN bss.plan p ON p.code = s.plan
	WHERE s.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_number';
	END IF;
END
$$;
