-- hall.blast_enter(who, roles, blast, states): what every change of a blast begins with.
-- Called by the other hall.blast_ functions.
-- Parameters: who and roles: as hall.blast_actor(); blast: its name, or its number in digits; states that it may be in,
-- NULL: any.
-- Result: one row: outcome ok, who acts, the blast; or why not: forbidden, no_such_blast, wrong_state, and detail to say so.
-- Tables: hall.blast.
-- Locks: the blast, unless states is NULL.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_enter(p_who text, p_roles text[], p_blast text, p_states hall.blast_state[],
	OUT outcome hall.blast_outcome, OUT detail jsonb, OUT who text, OUT blast hall.blast)
LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
BEGIN
	who := hall.blast_actor(p_who, VARIADIC p_roles);
	IF who IS NULL THEN
		outcome := 'forbidden';
		detail := jsonb_build_object('why', format('this needs the role %s, in one''s own name',
			array_to_string(p_roles, ' or ')));
		RETURN;
	END IF;
	IF p_states IS NULL THEN
		SELECT b.* INTO blast FROM hall.blast b WHERE b.name = p_blast OR b.id::text = p_blast;
	ELSE
		SELECT b.* INTO blast FROM hall.blast b WHERE b.name = p_blast OR b.id::text = p_blast FOR NO KEY UPDATE;
	END IF;
	IF blast.id IS NULL THEN
		outcome := 'no_such_blast';
		detail := jsonb_build_object('why', format('there is no blast %s', coalesce(p_blast, '(none)')));
	ELSIF blast.state <> ALL (p_states) THEN
		outcome := 'wrong_state';
		detail := jsonb_build_object('state', blast.state, 'why', format('it is %s, and this needs it %s', blast.state,
			array_to_string(p_states, ' or ')));
	ELSE
		outcome := 'ok';
		detail := jsonb_build_object('id', blast.id, 'name', blast.name);
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_enter(text, text[], text, hall.blast_state[]) FROM PUBLIC;
