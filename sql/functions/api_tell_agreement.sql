-- hall_api.tell_agreement(now): whose agreement ends within a month, for a reminder that runs every day.
-- Parameters: now.
-- Result: a row an agreement that about which he did not say whether he wants a new one: msisdn, lang, agreement, name, ends_on.  Each comes for some days;
-- the reminder's once_per takes the first.
-- Tables: bss.agreement, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_agreement(p_now timestamptz)
RETURNS TABLE (msisdn text, lang text, agreement text, name text, ends_on date)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
AS $$
	SELECT a.msisdn, coalesce(s.lang, 'zh'), a.agreement, CASE s.lang WHEN 'en' THEN a.name_en ELSE a.name_zh END, a.ends_on
	FROM bss.agreement a
	LEFT JOIN bss.told s ON s.msisdn = a.msisdn
	CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE 'Asia/Shanghai')::date AS today) AS d
	WHERE a.ends_on > d.today + 20 AND a.ends_on <= d.today + interval '1 month' AND a.renew IS NULL
$$;
