-- hall.failure_code(why): the reason in a delivery report, as hall.failure lists them.
-- Called by hall.door_failed().
-- Parameters: why: what the report said: `id:… stat:UNDELIV err:001 text:…` of the message centre, or
-- `NACK/0x0000000b/…` of the gateway.
-- Result: UNDELIV 001; 0x0000000b; '' where it says neither.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.failure_code(p_why text)
RETURNS text LANGUAGE sql IMMUTABLE
AS $$
	SELECT coalesce(concat_ws(' ', substring(p_why from 'stat:([A-Za-z]+)'), substring(p_why from 'stat:[A-Za-z]+ err:([0-9A-Za-z]+)')),
		'') || coalesce(lower(substring(p_why from '^NACK/(0x[0-9A-Fa-f]+)')), '')
$$;

REVOKE ALL ON FUNCTION hall.failure_code(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.failure_code(text) TO smsd, hall_ops;
