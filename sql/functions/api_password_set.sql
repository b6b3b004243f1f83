-- hall_api.password_set(msisdn, hash, mo_id, now): a new service password, of who knows the old one: smsd verified it.
-- Parameters: msisdn; hash: of the new one, an Argon2id string; mo_id: the text; now.
-- Result: one row.
-- Outcomes: ok (also for a text that was done before, which changes nothing again) | unknown_number.
-- Tables: bss.subscriber; writes bss.password, bss.password_change.
-- Locks: the password.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.password_set_outcome', 'ok', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.password_set(p_msisdn text, p_hash text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.password_set_outcome)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn) THEN
		outcome := 'unknown_number';
		RETURN;
	END IF;
	outcome := 'ok';
	INSERT INTO bss.password_change (msisdn, mo_id, at, how)
	VALUES (p_msisdn, p_mo_id, p_now, 'set')
	ON CONFLICT (msisdn, mo_id) DO NOTHING;
	IF FOUND THEN
		INSERT INTO bss.password (msisdn, hash, changed_at)
		VALUES (p_msisdn, p_hash, p_now)
		ON CONFLICT (msisdn) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at;
	END IF;
END
$$;
