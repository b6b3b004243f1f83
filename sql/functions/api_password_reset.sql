-- hall_api.password_reset(msisdn, identity, hash, mo_id, now): a new service password, of who forgot the old one: he has
-- the handset (smsd sent it a code) and knows whose number it is.
-- Parameters: msisdn; identity: the identity number as texted; hash: of the new password, an Argon2id string; mo_id: the
-- text; now.
-- Result: one row.
-- Outcomes: ok (also for a text that was done before, which changes nothing again) | wrong_identity |
-- no_identity (none is known: only a hall can help) | unknown_number.
-- Tables: bss.subscriber, bss.identity; writes bss.password, bss.password_change.
-- Locks: the password.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.password_reset_outcome', 'ok', 'wrong_identity', 'no_identity', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.password_reset(p_msisdn text, p_identity text, p_hash text, p_mo_id uuid,
	p_now timestamptz, OUT outcome hall_api.password_reset_outcome)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN i.hash IS NULL THEN 'no_identity'
			WHEN i.hash = sha256(convert_to(upper(regexp_replace(p_identity, '[^0-9Xx]', '', 'g')), 'UTF8')) THEN 'ok'
			ELSE 'wrong_identity' END
	INTO outcome
	FROM bss.subscriber s
	LEFT JOIN bss.identity i ON i.msisdn = s.msisdn
	WHERE s.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_number';
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;
	INSERT INTO bss.password_change (msisdn, mo_id, at, how)
	VALUES (p_msisdn, p_mo_id, p_now, 'reset')
	ON CONFLICT (msisdn, mo_id) DO NOTHING;
	IF FOUND THEN
		INSERT INTO bss.password (msisdn, hash, changed_at)
		VALUES (p_msisdn, p_hash, p_now)
		ON CONFLICT (msisdn) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at;
	END IF;
END
$$;
