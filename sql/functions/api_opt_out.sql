-- hall_api.opt_out(msisdn, class, mo_id, now): the customer wants no more messages of a class.
-- Parameters: msisdn; class: all | notice | commercial | recommend; mo_id: the text; now.
-- Result: one row.  class.
-- Outcomes: ok: always, also when he was out already.
-- Tables: writes hall.consent, hall.consent_log.
-- Locks: the consent.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.consent_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.opt_out(p_msisdn text, p_class text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.consent_outcome, OUT class text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	class := p_class;
	outcome := 'ok';
	INSERT INTO hall.consent_log (msisdn, id, class, state, at)
	VALUES (p_msisdn, p_mo_id, p_class, 'out', p_now)
	ON CONFLICT DO NOTHING;
	IF FOUND THEN
		-- An older text that comes late does not undo a newer one.
		INSERT INTO hall.consent AS c (msisdn, class, state, at, mo_id)
		VALUES (p_msisdn, p_class, 'out', p_now, p_mo_id)
		ON CONFLICT ON CONSTRAINT consent_pkey DO UPDATE SET state = excluded.state, at = excluded.at, mo_id = excluded.mo_id
		WHERE c.at <= excluded.at;
	END IF;
END
$$;
