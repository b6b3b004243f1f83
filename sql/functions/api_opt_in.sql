-- hall_api.opt_in(msisdn, class, mo_id, now): the customer wants the messages of a class.
-- Parameters: msisdn; class: all | notice | commercial | recommend; mo_id: the text; now.
-- Result: one row.  class.
-- Outcomes: ok: always, also when he was in already.
-- Tables: writes hall.consent, hall.consent_log.
-- Locks: the consent.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.consent_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.opt_in(p_msisdn text, p_class text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.consent_outcome, OUT class text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	class := p_class;
	outcome := 'ok';
	INSERT INTO hall.consent_log (msisdn, id, class, state, at)
	VALUES (p_msisdn, p_mo_id, p_class, 'in', p_now)
	ON CONFLICT DO NOTHING;
	IF FOUND THEN
		-- Where both came at the same moment, out stays.
		INSERT INTO hall.consent AS c (msisdn, class, state, at, mo_id)
		VALUES (p_msisdn, p_class, 'in', p_now, p_mo_id)
		ON CONFLICT ON CONSTRAINT consent_pkey DO UPDATE SET state = excluded.state, at = excluded.at, mo_id = excluded.mo_id
		WHERE c.at < excluded.at;
	END IF;
END
$$;
