-- hall_api.tell_survey(trigger_id): whom to ask how it was at a counter, for a reminder.
-- Parameters: trigger_id: of hall.trigger; its data holds business (open | card | prepay | payment | product; others are not
-- asked about), hall (its code) and perhaps clerk (a staff code).
-- Result: at most one row, none once he answered: msisdn, lang; case_id: what hall_api.survey_answer() takes; hall and
-- business in his language.
-- Tables: hall.trigger, bss.hall, bss.told, bss.survey_answer.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_survey(p_trigger_id uuid)
RETURNS TABLE (msisdn text, lang text, case_id text, hall text, business text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = bss, pg_temp
AS $$
	SELECT t.msisdn, s.lang, t.key, CASE s.lang WHEN 'en' THEN h.name_en ELSE h.name_zh END,
		hall_api.tell_business(t.data ->> 'business', s.lang)
	FROM hall.trigger t
	JOIN bss.told s ON s.msisdn = t.msisdn
	JOIN bss.hall h ON h.code = t.data ->> 'hall'
	WHERE t.id = p_trigger_id AND hall_api.tell_business(t.data ->> 'business', s.lang) IS NOT NULL
	  AND NOT EXISTS (SELECT FROM bss.survey_answer a WHERE a.msisdn = t.msisdn AND a.case_id = t.key)
$$;
