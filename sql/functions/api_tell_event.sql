-- hall_api.tell_event(now, days): who is in an event, for reminders that run every day.
-- Parameters: now; days: 1: of tomorrow | 0: of the rest of today, but for who checked in already.
-- Result: a row a person: msisdn, lang; code, name, starts_at, place.
-- Tables: bss.event, bss.registration, bss.checkin, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_event(p_now timestamptz, p_days integer)
RETURNS TABLE (msisdn text, lang text, code text, name text, starts_at timestamptz, place text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
SET enable_seqscan = on
SET enable_hashjoin = on
AS $$
DECLARE
	day date := (p_now AT TIME ZONE 'Asia/Shanghai')::date + p_days;
BEGIN
	RETURN QUERY
	SELECT r.msisdn, coalesce(t.lang, 'zh'), e.code, CASE t.lang WHEN 'en' THEN e.name_en ELSE e.name_zh END, e.starts_at,
		CASE t.lang WHEN 'en' THEN e.where_en ELSE e.where_zh END
	FROM bss.event e
	JOIN bss.registration r ON r.event = e.code AND r.state = 'in'
	LEFT JOIN bss.told t ON t.msisdn = r.msisdn
	WHERE e.starts_at >= day::timestamp AT TIME ZONE 'Asia/Shanghai'
	  AND e.starts_at < (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AND e.starts_at > p_now
	  AND NOT EXISTS (SELECT FROM bss.checkin c WHERE c.msisdn = r.msisdn AND c.event = r.event);
END
$$;
