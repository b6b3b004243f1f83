-- hall_api.password_hash(msisdn): the hash of a service password.
-- Called by smsd, which verifies what a customer texted; not by commands.
-- Parameters: msisdn.
-- Result: an Argon2id string of libsodium; NULL: he has none.
-- Tables: bss.password.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.password_hash(p_msisdn text)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN (SELECT p.hash FROM bss.password p WHERE p.msisdn = p_msisdn);
END
$$;

REVOKE ALL ON FUNCTION hall_api.password_hash(text) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.password_hash(text) TO smsd;
