-- hall_api.tell_welcome(trigger_id): who joined, for a series of reminders.
-- Parameters: trigger_id: of hall.trigger.
-- Result: at most one row, none when he has left: msisdn, lang; plan: its name; data: its data in MB.
-- Tables: hall.trigger, bss.subscriber, bss.plan, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_welcome(p_trigger_id uuid)
RETURNS TABLE (msisdn text, lang text, plan text, data integer)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = bss, pg_temp
AS $$
	SELECT s.msisdn, l.lang, CASE l.lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, p.data_mb
	FROM hall.trigger t
	JOIN bss.subscriber s ON s.msisdn = t.msisdn
	JOIN bss.told l ON l.msisdn = s.msisdn
	JOIN bss.plan p ON p.code = s.plan
	WHERE t.id = p_trigger_id
$$;
