-- hall_api.tell_service_end(now): whose service ends within three days, for a reminder that runs every day.
-- Parameters: now.
-- Result: a row a service: msisdn, lang; code, name; ends_on; price in fen a month; trial: it cost nothing so far; offered: it
-- can be ordered again.
-- Tables: bss.subscription, bss.service, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_service_end(p_now timestamptz)
RETURNS TABLE (msisdn text, lang text, code text, name text, ends_on date, price integer, trial boolean, offered boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
AS $$
	SELECT b.msisdn, t.lang, v.code, CASE t.lang WHEN 'en' THEN v.name_en ELSE v.name_zh END, b.ends_on, v.price, b.trial, v.offered
	FROM bss.subscription b
	JOIN bss.service v ON v.code = b.service
	JOIN bss.told t ON t.msisdn = b.msisdn
	CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE 'Asia/Shanghai')::date AS today) AS d
	WHERE b.ends_on BETWEEN d.today AND d.today + 3
$$;
