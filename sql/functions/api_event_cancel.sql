-- hall_api.event_cancel(msisdn, code, mo_id, now, lang): takes a customer off an event; the first of the waiting list
-- gets his place (bss.registration.promoted_at says when).  Places that staff added go to the waiting list first.
-- Parameters: msisdn; code: as the customer named it; mo_id: the text; now; lang: zh | en.
-- Result: one row.  code, name, starts_at.
-- Outcomes: ok (also for a text that was done before) | not_registered | over (begun) | unknown_event.
-- Tables: writes bss.event, bss.registration.
-- Locks: the event, then the customer's registration, then the other one's.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_cancel_outcome', 'ok', 'not_registered', 'over', 'unknown_event');

CREATE OR REPLACE FUNCTION hall_api.event_cancel(p_msisdn text, p_code text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.event_cancel_outcome, OUT code text, OUT name text, OUT starts_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	was bss.registration_state;
	by_mo uuid;
	raised boolean;
BEGIN
	SELECT e.code, CASE p_lang WHEN 'en' THEN e.name_en ELSE e.name_zh END, e.starts_at,
		e.waiting > 0 AND e.taken < e.places AND e.starts_at > p_now
	INTO code, name, starts_at, raised
	FROM bss.event e
	WHERE e.code = p_code FOR NO KEY UPDATE;
	IF NOT FOUND THEN
		outcome := 'unknown_event';
		RETURN;
	END IF;
	IF raised THEN			-- staff raised the places: who waits has the first claim to them
		PERFORM bss.event_fill(p_code, p_now);
	END IF;
	SELECT r.state, r.mo_id INTO was, by_mo
	FROM bss.registration r
	WHERE r.msisdn = p_msisdn AND r.event = p_code;
	IF NOT FOUND OR was = 'cancelled' OR starts_at <= p_now THEN
		outcome := CASE WHEN by_mo = p_mo_id AND was = 'cancelled' THEN 'ok'
			WHEN starts_at <= p_now THEN 'over'
			ELSE 'not_registered' END;
		RETURN;
	END IF;

	UPDATE bss.registration r
	SET state = 'cancelled', mo_id = p_mo_id, changed_at = p_now
	WHERE r.msisdn = p_msisdn AND r.event = p_code;
	IF was = 'in' THEN
		UPDATE bss.registration r
		SET state = 'in', promoted_at = p_now, changed_at = p_now
		FROM (SELECT o.msisdn FROM bss.registration o
			WHERE o.event = p_code AND o.state = 'waiting' ORDER BY o.no LIMIT 1) f
		WHERE r.msisdn = f.msisdn AND r.event = p_code;
		IF NOT FOUND THEN
			UPDATE bss.event e SET taken = e.taken - 1 WHERE e.code = p_code;
			outcome := 'ok';
			RETURN;
		END IF;
	END IF;
	UPDATE bss.event e SET waiting = e.waiting - 1 WHERE e.code = p_code;
	outcome := 'ok';
END
$$;
