-- hall_api.opt_out(msisdn, class, mo_id, now): the customer wants no more messages of a class.
-- Parameters: msisdn; class: all | notice | commercial | recommend; mo_id: the text; now.
-- Result: one row.  class.
-- Outcomes: ok: always, also when he was out already.
-- Tables: as hall.consent_put().
-- Locks: the consent.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.consent_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.opt_out(p_msisdn text, p_class text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.consent_outcome, OUT class text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	PERFORM hall.consent_put(p_msisdn, p_class, 'out', p_mo_id, p_now);
	class := p_class;
	outcome := 'ok';
END
$$;
