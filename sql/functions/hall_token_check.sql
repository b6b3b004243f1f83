-- hall.token_check(hash, now): whose token this is.
-- Called by smsd for each request to its API, before anything of it is done.
-- Parameters: SHA-256 of what was presented; now.
-- Result: a row, or none when there is no such token: id, owner, roles, state.  States: ok | expired | revoked.
-- That it was used is written once a minute at most.
-- Tables: hall.token.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.token_check(p_hash bytea, p_now timestamptz)
RETURNS TABLE (id integer, owner text, roles text[], state text)
LANGUAGE sql SECURITY DEFINER ROWS 1
SET search_path = hall, pg_temp
AS $$
	WITH used AS (
		UPDATE hall.token AS t SET last_used_at = p_now
		WHERE t.hash = p_hash AND t.revoked_at IS NULL AND t.expires_at > p_now
		  AND (t.last_used_at IS NULL OR t.last_used_at < p_now - interval '1 minute')
	)
	SELECT t.id, t.owner, t.roles,
		CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= p_now THEN 'expired' ELSE 'ok' END
	FROM hall.token AS t
	WHERE t.hash = p_hash
$$;

REVOKE ALL ON FUNCTION hall.token_check(bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.token_check(bytea, timestamptz) TO smsd;
