-- hall.token_revoke(which, by): from now on a token counts no more.
-- Called by smsctl user revoke.
-- Parameters: its owner, or its id; who revokes it.
-- Result: one row.  id and owner: the token's.
-- Outcomes: ok | already: it was revoked before | unknown.
-- Tables: hall.token.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.token_revoke(p_which text, p_by text, OUT outcome text, OUT id integer, OUT owner text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
BEGIN
	UPDATE hall.token AS t SET revoked_at = now(), revoked_by = p_by
	WHERE t.revoked_at IS NULL AND (t.owner = p_which OR t.id::text = p_which)
	RETURNING 'ok', t.id, t.owner INTO outcome, id, owner;
	IF NOT FOUND THEN
		SELECT 'already', t.id, t.owner INTO outcome, id, owner
		FROM hall.token t WHERE t.owner = p_which OR t.id::text = p_which ORDER BY t.id DESC LIMIT 1;
	END IF;
	outcome := coalesce(outcome, 'unknown');
END
$$;

REVOKE ALL ON FUNCTION hall.token_revoke(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.token_revoke(text, text) TO hall_ops;
