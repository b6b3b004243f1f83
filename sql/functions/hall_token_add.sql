-- hall.token_add(owner, roles, hash, days, note, by): a token for somebody who has none.
-- Called by smsctl user add, which makes the token and shows it once.
-- Parameters: owner: letters, digits and . _ @ -; roles: channel | author | approver | viewer | admin; hash: SHA-256 of
-- the token; days: how long it counts; note: what it is for, or NULL; by: who makes it.
-- Result: one row.  id and expires_at: the token's; with exists, those of the one that there is.
-- Outcomes: ok | exists: its owner has one that is not revoked.
-- Errors: 23514 for an owner, roles or a hash that are none.
-- Tables: writes hall.token.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.token_add(p_owner text, p_roles text[], p_hash bytea, p_days integer, p_note text, p_by text,
	OUT outcome text, OUT id integer, OUT expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
BEGIN
	INSERT INTO hall.token AS t (hash, owner, roles, made_by, expires_at, note)
	VALUES (p_hash, p_owner, p_roles, p_by, now() + make_interval(days => p_days), p_note)
	ON CONFLICT (owner) WHERE revoked_at IS NULL DO NOTHING
	RETURNING 'ok', t.id, t.expires_at INTO outcome, id, expires_at;
	IF NOT FOUND THEN
		SELECT 'exists', t.id, t.expires_at INTO outcome, id, expires_at
		FROM hall.token t WHERE t.owner = p_owner AND t.revoked_at IS NULL;
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.token_add(text, text[], bytea, integer, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.token_add(text, text[], bytea, integer, text, text) TO hall_ops;
