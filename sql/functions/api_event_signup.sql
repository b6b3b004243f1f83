-- hall_api.event_signup(msisdn, code, mo_id, now, lang): signs a customer up for an event, or puts him on its waiting
-- list when it is full.
-- Parameters: msisdn; code: as the customer named it; mo_id: the text; now; lang: zh | en.
-- Result: one row.  code, name, starts_at, place (where it is), places_left; position on the waiting list.
-- Outcomes: ok, waiting (both also for a text that was done before) | already_in | already_waiting |
-- full (the waiting list too) | closed (sign-up ended) | over (begun) | unknown_event.
-- Tables: writes bss.event, bss.registration.
-- Locks: the event, then the registration: a cancellation moves another customer up, so the event always comes first.
-- Who waits has the first claim: when staff raised the places, the waiting list moves up before anybody signs up.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.event_signup_outcome', 'ok', 'waiting', 'already_in', 'already_waiting', 'full',
	'closed', 'over', 'unknown_event');

CREATE OR REPLACE FUNCTION hall_api.event_signup(p_msisdn text, p_code text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.event_signup_outcome, OUT code text, OUT name text, OUT starts_at timestamptz, OUT place text,
	OUT places_left integer, OUT "position" integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	e bss.event;
	r bss.registration;
	fresh bss.registration_state;
BEGIN
	-- Nearly everybody finds a place: one look at the event, which is also its lock.
	UPDATE bss.event u
	SET taken = u.taken + 1, last_no = u.last_no + 1
	WHERE u.code = p_code AND u.taken < u.places AND u.waiting = 0 AND u.closes_at > p_now
	  AND NOT EXISTS (SELECT FROM bss.registration o
		WHERE o.msisdn = p_msisdn AND o.event = p_code AND o.state <> 'cancelled')
	RETURNING u.* INTO e;
	fresh := CASE WHEN FOUND THEN 'in' END;
	IF fresh IS NULL THEN
		SELECT * INTO e FROM bss.event u WHERE u.code = p_code FOR NO KEY UPDATE;
		IF NOT FOUND THEN
			outcome := 'unknown_event';
			RETURN;
		END IF;
		IF e.waiting > 0 AND e.taken < e.places AND e.starts_at > p_now AND bss.event_fill(p_code, p_now) > 0 THEN
			SELECT * INTO e FROM bss.event u WHERE u.code = p_code;
		END IF;
		SELECT * INTO r FROM bss.registration o
		WHERE o.msisdn = p_msisdn AND o.event = p_code AND o.state <> 'cancelled';
		IF NOT FOUND AND e.closes_at > p_now AND (e.taken < e.places OR e.waiting < e.waiting_places) THEN
			UPDATE bss.event u
			SET taken = u.taken + (e.taken < e.places)::integer,
				waiting = u.waiting + (e.taken >= e.places)::integer,
				last_no = u.last_no + 1
			WHERE u.code = p_code;
			fresh := CASE WHEN e.taken < e.places THEN 'in' ELSE 'waiting' END;
			e.taken := e.taken + (fresh = 'in')::integer;
			e.waiting := e.waiting + (fresh = 'waiting')::integer;
			e.last_no := e.last_no + 1;
		END IF;
	END IF;
	code := e.code;
	name := CASE p_lang WHEN 'en' THEN e.name_en ELSE e.name_zh END;
	place := CASE p_lang WHEN 'en' THEN e.where_en ELSE e.where_zh END;
	starts_at := e.starts_at;
	places_left := e.places - e.taken;

	IF fresh IS NOT NULL THEN
		INSERT INTO bss.registration AS o (msisdn, event, no, state, mo_id, signed_at, changed_at)
		VALUES (p_msisdn, p_code, e.last_no, fresh, p_mo_id, p_now, p_now)
		ON CONFLICT (msisdn, event) DO UPDATE
		SET no = excluded.no, state = excluded.state, mo_id = excluded.mo_id, signed_at = excluded.signed_at,
			changed_at = excluded.changed_at, promoted_at = NULL
		WHERE o.state = 'cancelled';
		IF FOUND THEN
			outcome := CASE fresh WHEN 'in' THEN 'ok' ELSE 'waiting' END;
			"position" := CASE fresh WHEN 'waiting' THEN e.waiting END;
			RETURN;
		END IF;
		-- The same customer twice at the same moment: the other one was first.
		UPDATE bss.event u
		SET taken = u.taken - (fresh = 'in')::integer, waiting = u.waiting - (fresh = 'waiting')::integer
		WHERE u.code = p_code;
		SELECT * INTO r FROM bss.registration o WHERE o.msisdn = p_msisdn AND o.event = p_code;
	END IF;

	IF r.state = 'waiting' THEN
		SELECT count(*) INTO "position"
		FROM bss.registration o
		WHERE o.event = p_code AND o.state = 'waiting' AND o.no <= r.no;
	END IF;
	outcome := CASE
		WHEN r.state = 'in' AND r.mo_id = p_mo_id THEN 'ok'
		WHEN r.state = 'waiting' AND r.mo_id = p_mo_id THEN 'waiting'
		WHEN p_now >= e.starts_at THEN 'over'
		WHEN r.state = 'in' THEN 'already_in'
		WHEN r.state = 'waiting' THEN 'already_waiting'
		WHEN p_now >= e.closes_at THEN 'closed'
		ELSE 'full' END;
END
$$;
