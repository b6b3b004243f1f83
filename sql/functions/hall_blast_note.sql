-- hall.blast_note(blast, who, action, detail): writes what was done into the blast's log.
-- Called by the other hall.blast_ functions.
-- Parameters: the blast's number; who; what: new | edit | recipients | segment | clear | test | submit | approve | reject | start |
-- schedule | begin | pause | resume | cancel | rate | done | expire | export | forget; detail: what else matters.
-- Result: none.
-- Tables: writes hall.blast_log.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_note(p_blast integer, p_who text, p_action text, p_detail jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql
SET search_path = hall, pg_temp
AS $$
	INSERT INTO hall.blast_log (blast, who, action, detail) VALUES (p_blast, p_who, p_action, jsonb_strip_nulls(p_detail))
$$;

REVOKE ALL ON FUNCTION hall.blast_note(integer, text, text, jsonb) FROM PUBLIC;
