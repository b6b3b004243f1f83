-- hall_api.tell_dormant(now): who agreed to offers and was on no e-channel for 90 days, for a reminder that runs every day.
-- Parameters: now.  Each subscriber belongs to one of the days 1 to 28 of a month, so that a run reads the contacts of one in
-- 28 of them; the other days have nobody.
-- Result: a row a subscriber: msisdn, lang; target: app.
-- Tables: hall.consent, bss.subscriber, bss.told, hall.contact.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_dormant(p_now timestamptz)
RETURNS TABLE (msisdn text, lang text, target text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
SET enable_seqscan = on
SET plan_cache_mode = force_custom_plan	-- only these days' partitions
AS $$
DECLARE
	slice integer := extract(day FROM p_now AT TIME ZONE 'Asia/Shanghai')::integer - 1;
	since timestamptz := p_now - interval '90 days';
BEGIN
	RETURN QUERY
	SELECT a.msisdn, t.lang, 'app'
	FROM (SELECT DISTINCT ON (c.msisdn) c.msisdn, c.state
		FROM hall.consent c
		WHERE c.class IN ('commercial', 'all') AND (hashtextextended(c.msisdn, 0) & 2147483647) % 28 = slice
		ORDER BY c.msisdn, c.at DESC, c.state DESC) AS a
	JOIN bss.subscriber s ON s.msisdn = a.msisdn AND s.plan_since < since
	JOIN bss.told t ON t.msisdn = a.msisdn
	WHERE a.state = 'in' AND NOT EXISTS (SELECT FROM hall.contact k
		WHERE k.msisdn = a.msisdn AND k.at > since AND k.at < p_now + interval '1 day'
		  AND k.channel IN ('sms', 'app', 'web', 'kiosk'));
END
$$;
