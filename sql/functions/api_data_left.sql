-- hall_api.data_left(msisdn, now): mobile data of the current month.
-- Parameters: msisdn; now.
-- Result: one row.  quota_mb, used_mb, left_mb; over_mb: used beyond the quota; until: the month's last day.
-- Outcomes: ok | low (less than a tenth left) | used_up | unknown_number.
-- Tables: bss.subscriber, bss.plan (who has not used any yet has no row for the month), bss.data_usage.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.data_left_outcome', 'ok', 'low', 'used_up', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.data_left(p_msisdn text, p_now timestamptz,
	OUT outcome hall_api.data_left_outcome, OUT quota_mb integer, OUT used_mb integer, OUT left_mb integer,
	OUT over_mb integer, OUT until date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	this_month date := date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	SELECT coalesce(d.quota_mb, p.data_mb), coalesce(d.used_mb, 0)
	INTO quota_mb, used_mb
	FROM bss.subscriber s
	JOIN bss.plan p ON p.code = s.plan
	LEFT JOIN bss.data_usage d ON d.msisdn = s.msisdn AND d.month = this_month
	WHERE s.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_number';
		RETURN;
	END IF;
	left_mb := greatest(quota_mb - used_mb, 0);
	over_mb := greatest(used_mb - quota_mb, 0);
	until := (this_month + interval '1 month - 1 day')::date;
	outcome := CASE WHEN left_mb = 0 THEN 'used_up' WHEN left_mb < quota_mb / 10 THEN 'low' ELSE 'ok' END;
END
$$;
