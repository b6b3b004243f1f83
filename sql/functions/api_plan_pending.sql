-- hall_api.plan_pending(msisdn, lang): the change of plan that is to come.
-- Parameters: msisdn; lang: zh | en.
-- Result: one row.  code, name; price in fen a month; data_mb, voice_min, sms; starts_on; asked_at; current: the name of
-- the plan that he has now.
-- Outcomes: ok | none (no change is pending) | unknown_number.
-- Tables: bss.plan_change, bss.plan, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_pending_outcome', 'ok', 'none', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.plan_pending(p_msisdn text, p_lang text,
	OUT outcome hall_api.plan_pending_outcome, OUT code text, OUT name text, OUT price integer, OUT data_mb integer,
	OUT voice_min integer, OUT sms integer, OUT starts_on date, OUT asked_at timestamptz, OUT current text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN c.id IS NULL THEN 'none' ELSE 'ok' END, c.plan,
		coalesce(CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END,
			CASE p_lang WHEN 'en' THEN 'Own plan ' ELSE '自选套餐' END || c.plan),
		c.price, c.data_mb, c.voice_min, c.sms, c.starts_on, c.at, CASE p_lang WHEN 'en' THEN o.name_en ELSE o.name_zh END
	INTO outcome, code, name, price, data_mb, voice_min, sms, starts_on, asked_at, current
	FROM bss.subscriber s
	LEFT JOIN bss.plan o ON o.code = s.plan
	LEFT JOIN bss.plan_change c ON c.msisdn = s.msisdn AND c.state = 'pending'
	LEFT JOIN bss.plan p ON p.code = c.plan
	WHERE s.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_number';
	END IF;
END
$$;
