-- hall_api.tell_data(now, tier): whose mobile data of this month is at a tier, for reminders.
-- Parameters: now; tier: zero: nothing used, though the plan has some | low: below 30 % | medium: from 80 % on | high: all of it.
-- Result: a row a subscriber: msisdn, lang; month: 2026-11, for once_per; used, remaining, quota: in MB.
-- Tables: bss.data_usage, bss.plan, bss.told, bss.subscriber.  It reads all rows of the month.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_data(p_now timestamptz, p_tier text)
RETURNS TABLE (msisdn text, lang text, month text, used integer, remaining integer, quota integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
SET enable_seqscan = on
SET enable_hashjoin = on
AS $$
DECLARE
	first date := date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	IF p_tier = 'zero' THEN
		RETURN QUERY
		SELECT s.msisdn, t.lang, to_char(first, 'YYYY-MM'), 0, coalesce(u.quota_mb, p.data_mb), coalesce(u.quota_mb, p.data_mb)
		FROM bss.subscriber s
		JOIN bss.plan p ON p.code = s.plan
		JOIN bss.told t ON t.msisdn = s.msisdn
		LEFT JOIN bss.data_usage u ON u.msisdn = s.msisdn AND u.month = first
		WHERE coalesce(u.used_mb, 0) = 0 AND coalesce(u.quota_mb, p.data_mb) > 0 AND s.plan_since <= first;
		RETURN;
	END IF;
	RETURN QUERY
	SELECT u.msisdn, t.lang, to_char(first, 'YYYY-MM'), u.used_mb, greatest(u.quota_mb - u.used_mb, 0), u.quota_mb
	FROM bss.data_usage u
	JOIN bss.told t ON t.msisdn = u.msisdn
	WHERE u.month = first AND u.quota_mb > 0 AND CASE p_tier
		WHEN 'low' THEN u.used_mb > 0 AND u.used_mb < u.quota_mb::bigint * 30 / 100
		WHEN 'medium' THEN u.used_mb >= u.quota_mb::bigint * 80 / 100 AND u.used_mb < u.quota_mb
		WHEN 'high' THEN u.used_mb >= u.quota_mb END;
END
$$;
