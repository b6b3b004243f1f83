-- hall_api.event_checkin(msisdn, code, mo_id, now, lang): notes that a customer came to an event, on its day.
-- Parameters: msisdn; code: as the customer named it, NULL: the event of today that he is in; mo_id: the text; now;
-- lang: zh | en.
-- Result: one row.  code, name, starts_at, place; at: with already, when he checked in.
-- Outcomes: ok (also for a text that was done before) | already | not_today (starts_at says when) | not_registered |
-- waiting (on the waiting list) | none_today (no code was given, and he is in none today) | which (in several: a code is
-- needed) | unknown_event.
-- Tables: bss.event, bss.registration; writes bss.checkin.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_checkin_outcome', 'ok', 'already', 'not_today', 'not_registered', 'waiting',
	'none_today', 'which', 'unknown_event');

CREATE OR REPLACE FUNCTION hall_api.event_checkin(p_msisdn text, p_code text, p_mo_id uuid, p_now timestamptz,
	p_lang text,
	OUT outcome hall_api.event_checkin_outcome, OUT code text, OUT name text, OUT starts_at timestamptz, OUT place text,
	OUT at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
	wanted text := p_code;
	found_today integer;
	state bss.registration_state;
	by_mo uuid;
BEGIN
	IF wanted IS NULL THEN
		SELECT count(*), min(e.code) INTO found_today, wanted
		FROM bss.registration r
		JOIN bss.event e ON e.code = r.event
		WHERE r.msisdn = p_msisdn AND r.state = 'in' AND (e.starts_at AT TIME ZONE 'Asia/Shanghai')::date = today;
		IF found_today <> 1 THEN
			outcome := CASE found_today WHEN 0 THEN 'none_today' ELSE 'which' END;
			RETURN;
		END IF;
	END IF;

	SELECT e.code, CASE p_lang WHEN 'en' THEN e.name_en ELSE e.name_zh END, e.starts_at,
		CASE p_lang WHEN 'en' THEN e.where_en ELSE e.where_zh END, r.state
	INTO code, name, starts_at, place, state
	FROM bss.event e
	LEFT JOIN bss.registration r ON r.msisdn = p_msisdn AND r.event = e.code
	WHERE e.code = wanted;
	outcome := CASE
		WHEN NOT FOUND THEN 'unknown_event'
		WHEN (starts_at AT TIME ZONE 'Asia/Shanghai')::date <> today THEN 'not_today'
		WHEN state = 'waiting' THEN 'waiting'
		WHEN state = 'in' THEN 'ok'
		ELSE 'not_registered' END;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	INSERT INTO bss.checkin AS c (msisdn, event, at, mo_id)
	VALUES (p_msisdn, wanted, p_now, p_mo_id)
	ON CONFLICT (msisdn, event) DO NOTHING;
	SELECT c.at, c.mo_id INTO at, by_mo FROM bss.checkin c WHERE c.msisdn = p_msisdn AND c.event = wanted;
	outcome := CASE WHEN by_mo = p_mo_id THEN 'ok' ELSE 'already' END;
END
$$;
