-- hall_api.tell_event_place(now): who came from an event's waiting list to a place, for a reminder that runs often.
-- Parameters: now.
-- Result: a row a person who did within the last two days, the event being still to come: msisdn, lang; code, name, starts_at,
-- place.
-- Tables: bss.registration, bss.event, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_event_place(p_now timestamptz)
RETURNS TABLE (msisdn text, lang text, code text, name text, starts_at timestamptz, place text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 20
SET search_path = bss, pg_temp
AS $$
	SELECT r.msisdn, coalesce(t.lang, 'zh'), e.code, CASE t.lang WHEN 'en' THEN e.name_en ELSE e.name_zh END, e.starts_at,
		CASE t.lang WHEN 'en' THEN e.where_en ELSE e.where_zh END
	FROM bss.registration r
	JOIN bss.event e ON e.code = r.event AND e.starts_at > p_now
	LEFT JOIN bss.told t ON t.msisdn = r.msisdn
	WHERE r.promoted_at > p_now - interval '2 days' AND r.state = 'in'
$$;
