-- hall.token_rotate(which, hash, days, by): a new token in place of one, which is revoked at the same moment.
-- Called by smsctl user rotate, which makes the token and shows it once.
-- Parameters: the owner or the id of the old one; SHA-256 of the new one; how many days it counts; who does it.
-- Result: one row.  id, owner, roles, expires_at: the new one's.
-- Outcomes: ok | unknown: there is none that is not revoked.
-- Tables: hall.token.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.token_rotate(p_which text, p_hash bytea, p_days integer, p_by text,
	OUT outcome text, OUT id integer, OUT owner text, OUT roles text[], OUT expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	old hall.token;
BEGIN
	UPDATE hall.token AS t SET revoked_at = now(), revoked_by = p_by
	WHERE t.revoked_at IS NULL AND (t.owner = p_which OR t.id::text = p_which)
	RETURNING t.* INTO old;
	outcome := 'unknown';
	IF FOUND THEN
		INSERT INTO hall.token AS t (hash, owner, roles, made_by, expires_at, note)
		VALUES (p_hash, old.owner, old.roles, p_by, now() + make_interval(days => p_days), old.note)
		RETURNING 'ok', t.id, t.owner, t.roles, t.expires_at INTO outcome, id, owner, roles, expires_at;
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.token_rotate(text, bytea, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.token_rotate(text, bytea, integer, text) TO hall_ops;
