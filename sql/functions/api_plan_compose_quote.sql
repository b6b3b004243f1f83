-- hall_api.plan_compose_quote(msisdn, data, voice, sms, now, lang): what a composed plan would be and cost.  Reads only.
-- Parameters: msisdn; data, voice, sms: the choice of each part; now; lang: zh | en.
-- Result: one row.  code: ZX and the three choices; name; price in fen a month; data_mb, voice_min, sms_count included;
-- starts_on: first of next month; price_version: what plan_compose() wants to see again.
-- Outcomes: ok | same (he has it, and no other one is pending) | pending (he has asked for it) | arrears |
-- no_such_part | unknown_number.
-- Tables: bss.plan_part, bss.subscriber, bss.account, bss.plan_change.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_compose_quote_outcome', 'ok', 'same', 'pending', 'arrears', 'no_such_part',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.plan_compose_quote(p_msisdn text, p_data integer, p_voice integer, p_sms integer,
	p_now timestamptz, p_lang text,
	OUT outcome hall_api.plan_compose_quote_outcome, OUT code text, OUT name text, OUT price integer,
	OUT data_mb integer, OUT voice_min integer, OUT sms_count integer, OUT starts_on date, OUT price_version text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	mine text;
	next text;
	balance bigint;
BEGIN
	SELECT format('ZX%s%s%s', d.choice, v.choice, s.choice), d.amount, v.amount, s.amount, d.price + v.price + s.price,
		format('%s:%s+%s:%s+%s:%s', d.amount, d.price, v.amount, v.price, s.amount, s.price)
	INTO code, data_mb, voice_min, sms_count, price, price_version
	FROM bss.plan_part d, bss.plan_part v, bss.plan_part s
	WHERE d.part = 'data' AND d.choice = p_data AND v.part = 'voice' AND v.choice = p_voice
	  AND s.part = 'sms' AND s.choice = p_sms;
	IF NOT FOUND THEN
		outcome := 'no_such_part';
		RETURN;
	END IF;
	name := CASE p_lang WHEN 'en' THEN 'Own plan ' ELSE '自选套餐' END || code;
	starts_on := (date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai') + interval '1 month')::date;

	SELECT s.plan, a.balance, c.plan || c.price
	INTO mine, balance, next
	FROM bss.subscriber s
	LEFT JOIN bss.account a ON a.msisdn = s.msisdn
	LEFT JOIN bss.plan_change c ON c.msisdn = s.msisdn AND c.state = 'pending'
	WHERE s.msisdn = p_msisdn;
	outcome := CASE
		WHEN NOT FOUND THEN 'unknown_number'
		WHEN next = code || price THEN 'pending'
		WHEN mine = code AND next IS NULL THEN 'same'
		WHEN balance < 0 THEN 'arrears'
		ELSE 'ok' END;
END
$$;
