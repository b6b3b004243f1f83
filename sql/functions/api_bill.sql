-- hall_api.bill(msisdn, month, now): the bill of a month.
-- Parameters: msisdn; month: its first day, NULL for the current one; now.
-- Result: one row.  month; total and its parts (plan, voice, sms, data, service, other) in fen;
-- earliest: the oldest month that can be asked for.
-- Outcomes: ok | current (not over yet: so far) | future | too_old (more than 12 months) | no_bill | unknown_number.
-- Tables: bss.bill, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.bill_outcome', 'ok', 'current', 'future', 'too_old', 'no_bill', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.bill(p_msisdn text, p_month date, p_now timestamptz,
	OUT outcome hall_api.bill_outcome, OUT month date, OUT total integer, OUT plan integer, OUT voice integer,
	OUT sms integer, OUT data integer, OUT service integer, OUT other integer, OUT earliest date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	this_month date := date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	month := coalesce(date_trunc('month', p_month)::date, this_month);
	earliest := (this_month - interval '12 months')::date;
	IF month > this_month THEN
		outcome := 'future';
	ELSIF month < earliest THEN
		outcome := 'too_old';
	END IF;
	IF outcome IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT CASE WHEN b.month = this_month THEN 'current' ELSE 'ok' END,
		b.total, b.plan, b.voice, b.sms, b.data, b.service, b.other
	INTO outcome, total, plan, voice, sms, data, service, other
	FROM bss.bill b
	WHERE b.msisdn = p_msisdn AND b.month = bill.month;
	IF NOT FOUND THEN
		outcome := CASE WHEN EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn)
			THEN 'no_bill' ELSE 'unknown_number' END;
	END IF;
END
$$;
