-- hall_api.event_mine(msisdn, now, lang): what a subscriber signed up for and what has not begun.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: a row an event, soonest first: code, name, starts_at, place (where it is), waiting (on the waiting list).
-- Outcomes: ok (no row: none).
-- Tables: bss.registration, bss.event.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_mine_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.event_mine(p_msisdn text, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.event_mine_outcome, code text, name text, starts_at timestamptz, place text,
	waiting boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.event_mine_outcome, e.code, CASE p_lang WHEN 'en' THEN e.name_en ELSE e.name_zh END,
		e.starts_at, CASE p_lang WHEN 'en' THEN e.where_en ELSE e.where_zh END, r.state = 'waiting'
	FROM bss.registration r
	JOIN bss.event e ON e.code = r.event
	WHERE r.msisdn = p_msisdn AND r.state <> 'cancelled' AND e.starts_at > p_now
	ORDER BY e.starts_at, e.code;
END
$$;
