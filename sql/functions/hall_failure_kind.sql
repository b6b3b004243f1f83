-- hall.failure_kind(code): what the reason of a delivery report means (hall.failure).
-- Called by hall.door_failed().
-- Parameters: code, of hall.failure_code().
-- Result: temporary | number | message: what its own row says, or that of its first word; message where neither is there.
-- Tables: hall.failure.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.failure_kind(p_code text)
RETURNS text LANGUAGE sql STABLE
AS $$
	SELECT coalesce((SELECT f.kind FROM hall.failure f
		WHERE f.code IN (p_code, split_part(p_code, ' ', 1))
		ORDER BY length(f.code) DESC LIMIT 1), 'message')
$$;

REVOKE ALL ON FUNCTION hall.failure_kind(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.failure_kind(text) TO smsd, hall_ops;
