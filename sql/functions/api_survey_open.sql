-- hall_api.survey_open(msisdn, now, lang): the newest piece of business over a counter that a customer has not judged yet.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: one row.  case_id: what hall_api.survey_answer() takes; hall, business; at.
-- Outcomes: ok | none: within the last week.
-- Tables: hall.trigger, bss.hall, bss.survey_answer.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.survey_open_outcome', 'ok', 'none');

CREATE OR REPLACE FUNCTION hall_api.survey_open(p_msisdn text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.survey_open_outcome, OUT case_id text, OUT hall text, OUT business text, OUT at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT t.key, CASE p_lang WHEN 'en' THEN h.name_en ELSE h.name_zh END, hall_api.tell_business(t.data ->> 'business', p_lang), t.at
	INTO case_id, hall, business, at
	FROM hall.trigger t
	JOIN bss.hall h ON h.code = t.data ->> 'hall'
	WHERE t.name = 'counter_transaction' AND t.msisdn = p_msisdn AND t.at > p_now - interval '7 days'
	  AND hall_api.tell_business(t.data ->> 'business', p_lang) IS NOT NULL
	  AND NOT EXISTS (SELECT FROM bss.survey_answer a WHERE a.msisdn = t.msisdn AND a.case_id = t.key)
	ORDER BY t.at DESC
	LIMIT 1;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'none' END;
END
$$;
