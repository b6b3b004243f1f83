-- hall_api.event_list(now, lang): events that one can sign up for.
-- Parameters: now; lang: zh | en.
-- Result: a row an event, soonest first: code, name, starts_at, places_left (0: waiting list); at most 10.
-- Outcomes: ok (no row: none).
-- Tables: bss.event.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.event_list(p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.event_list_outcome, code text, name text, starts_at timestamptz, places_left integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.event_list_outcome, e.code, CASE p_lang WHEN 'en' THEN e.name_en ELSE e.name_zh END,
		e.starts_at, e.places - e.taken
	FROM bss.event e
	WHERE e.closes_at > p_now
	ORDER BY e.starts_at, e.code
	LIMIT 10;
END
$$;
