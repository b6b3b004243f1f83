-- hall_api.plan_quote(msisdn, code, now, lang): what a change of plan would mean.  Reads only.
-- Parameters: msisdn; code: as the customer named it; now; lang: zh | en.
-- Result: one row.  code, name; price in fen a month; data_mb, voice_min, sms included; starts_on: first of next
-- month; price_version: what plan_change() wants to see again.
-- Outcomes: ok | same (he has it, and no other one is pending) | pending (he has asked for it) | not_offered |
-- arrears | unknown_plan | unknown_number.
-- Tables: bss.plan, bss.subscriber, bss.account, bss.plan_change.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_quote_outcome', 'ok', 'same', 'pending', 'not_offered', 'arrears', 'unknown_plan',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.plan_quote(p_msisdn text, p_code text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.plan_quote_outcome, OUT code text, OUT name text, OUT price integer, OUT data_mb integer,
	OUT voice_min integer, OUT sms integer, OUT starts_on date, OUT price_version text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	on_sale boolean;
	mine text;
	next text;
	balance bigint;
BEGIN
	SELECT p.code, CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, p.price, p.data_mb, p.voice_min, p.sms,
		p.offered
	INTO code, name, price, data_mb, voice_min, sms, on_sale
	FROM bss.plan p
	WHERE p.code = p_code;
	IF NOT FOUND THEN
		outcome := 'unknown_plan';
		RETURN;
	END IF;
	starts_on := (date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai') + interval '1 month')::date;
	price_version := price::text;

	SELECT s.plan, a.balance, c.plan
	INTO mine, balance, next
	FROM bss.subscriber s
	LEFT JOIN bss.account a ON a.msisdn = s.msisdn
	LEFT JOIN bss.plan_change c ON c.msisdn = s.msisdn AND c.state = 'pending'
	WHERE s.msisdn = p_msisdn;
	outcome := CASE
		WHEN NOT FOUND THEN 'unknown_number'
		WHEN next = code THEN 'pending'
		WHEN mine = code AND next IS NULL THEN 'same'
		WHEN NOT on_sale THEN 'not_offered'
		WHEN balance < 0 THEN 'arrears'
		ELSE 'ok' END;
END
$$;
