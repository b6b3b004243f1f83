-- hall_api.event_status(msisdn, code, now, lang): whether an event has places, and whether the customer has one.
-- Parameters: msisdn; code: as the customer named it; now; lang: zh | en.
-- Result: one row.  code, name, starts_at, place (where it is); places_left; position: the customer's own on the
-- waiting list; waiting: its length.
-- Outcomes: open (places left) | full (waiting list open) | full_up (that too) | closed (sign-up ended) | over (begun) |
-- registered | waiting | unknown_event.
-- Tables: bss.event, bss.registration.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_status_outcome', 'open', 'full', 'full_up', 'closed', 'over', 'registered',
	'waiting', 'unknown_event');

CREATE OR REPLACE FUNCTION hall_api.event_status(p_msisdn text, p_code text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.event_status_outcome, OUT code text, OUT name text, OUT starts_at timestamptz, OUT place text,
	OUT places_left integer, OUT "position" integer, OUT waiting integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	my_no integer;
BEGIN
	SELECT CASE WHEN e.starts_at <= p_now THEN 'over'
			WHEN r.state = 'in' THEN 'registered'
			WHEN r.state = 'waiting' THEN 'waiting'
			WHEN e.closes_at <= p_now THEN 'closed'
			WHEN e.taken < e.places THEN 'open'
			WHEN e.waiting < e.waiting_places THEN 'full'
			ELSE 'full_up' END,
		e.code, CASE p_lang WHEN 'en' THEN e.name_en ELSE e.name_zh END, e.starts_at,
		CASE p_lang WHEN 'en' THEN e.where_en ELSE e.where_zh END, e.places - e.taken, e.waiting, r.no
	INTO outcome, code, name, starts_at, place, places_left, waiting, my_no
	FROM bss.event e
	LEFT JOIN bss.registration r ON r.msisdn = p_msisdn AND r.event = e.code
	WHERE e.code = p_code;
	IF NOT FOUND THEN
		outcome := 'unknown_event';
	ELSIF outcome = 'waiting' THEN
		SELECT count(*) INTO "position"
		FROM bss.registration r
		WHERE r.event = p_code AND r.state = 'waiting' AND r.no <= my_no;
	END IF;
END
$$;
