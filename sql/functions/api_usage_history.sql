-- hall_api.usage_history(msisdn, month, now): what a subscriber used in a month.
-- Parameters: msisdn; month: its first day, NULL for the current one; now.
-- Result: one row.  month; calls, voice_min, sms, data_mb; earliest: the oldest month that can be asked for.
-- Outcomes: ok | current (not over yet: so far) | future | too_old (more than 6 months) | no_usage | unknown_number.
-- Tables: bss.usage, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.usage_history_outcome', 'ok', 'current', 'future', 'too_old', 'no_usage', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.usage_history(p_msisdn text, p_month date, p_now timestamptz,
	OUT outcome hall_api.usage_history_outcome, OUT month date, OUT calls integer, OUT voice_min integer, OUT sms integer,
	OUT data_mb integer, OUT earliest date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	this_month date := date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	month := coalesce(date_trunc('month', p_month)::date, this_month);
	earliest := (this_month - interval '6 months')::date;
	IF month > this_month THEN
		outcome := 'future';
	ELSIF month < earliest THEN
		outcome := 'too_old';
	END IF;
	IF outcome IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT CASE WHEN u.month = this_month THEN 'current' ELSE 'ok' END, u.calls, u.voice_min, u.sms, u.data_mb
	INTO outcome, calls, voice_min, sms, data_mb
	FROM bss.usage u
	WHERE u.msisdn = p_msisdn AND u.month = usage_history.month;
	IF NOT FOUND THEN
		outcome := CASE WHEN EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn)
			THEN 'no_usage' ELSE 'unknown_number' END;
	END IF;
END
$$;
