-- hall.blast_actor(who, roles …): in whose name somebody acts on a blast, if he may.
-- Called by the other hall.blast_ functions.  smsd asks for people who showed it a token: it has looked at their roles and
-- is believed.  So is a superuser, who could do all this by hand.  Everybody else acts in his own name alone.
-- Parameters: who: a name; NULL: whoever is logged in; roles of the database, one of which is needed.
-- Result: the name; NULL: he may not.
-- Tables: none.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_actor(p_who text, VARIADIC p_roles text[])
RETURNS text LANGUAGE plpgsql STABLE
AS $$
BEGIN
	IF session_user = 'smsd' THEN
		RETURN nullif(p_who, '');
	END IF;
	IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user) THEN
		RETURN coalesce(nullif(p_who, ''), session_user);
	END IF;
	IF p_who <> session_user THEN
		RETURN NULL;
	END IF;
	RETURN (SELECT session_user FROM unnest(p_roles) AS k (name) WHERE pg_has_role(session_user, k.name, 'MEMBER') LIMIT 1);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_actor(text, text[]) FROM PUBLIC;
