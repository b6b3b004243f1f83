-- hall.consent_put(msisdn, class, state, mo_id, now): what a subscriber says of a class of messages, once a text.
-- Called by hall_api.opt_in() and hall_api.opt_out(); hall.consent_of() asks for it.
-- Parameters: msisdn; class: all | notice | commercial | recommend; state: in | out; mo_id: the text; now: its time.
-- Result: none.  The same text again does nothing; an older text that comes late is kept, but does not undo a newer one.
-- Errors: 23514 when there is no such class.
-- Tables: writes hall.consent, hall.consent_log.
-- Locks: the consent.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.consent_put(p_msisdn text, p_class text, p_state text, p_mo_id uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
BEGIN
	INSERT INTO hall.consent_log (msisdn, id, class, state, at)
	VALUES (p_msisdn, p_mo_id, p_class, p_state, p_now)
	ON CONFLICT DO NOTHING;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	-- Where both came at the same moment, out stays.
	INSERT INTO hall.consent AS c (msisdn, class, state, at, mo_id)
	VALUES (p_msisdn, p_class, p_state, p_now, p_mo_id)
	ON CONFLICT ON CONSTRAINT consent_pkey DO UPDATE SET state = excluded.state, at = excluded.at, mo_id = excluded.mo_id
	WHERE c.at < excluded.at OR (c.at = excluded.at AND excluded.state = 'out');
END
$$;

REVOKE ALL ON FUNCTION hall.consent_put(text, text, text, uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.consent_put(text, text, text, uuid, timestamptz) TO hall_api_owner;
