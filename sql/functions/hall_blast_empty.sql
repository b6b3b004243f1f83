-- hall.blast_empty(who, blast, columns): which of these columns have empty values on a blast's list.
-- Called by smsctl blast submit and the HTTP API with those that a text would have a gap for.
-- Parameters: who: see hall.blast_actor(), a viewer; blast; names of columns.
-- Result: a row a column that has some: its name, for how many recipients; none when there is no such blast.
-- Errors: 42501 for who may not.
-- Tables: hall.blast, hall.blast_recipient.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_empty(p_who text, p_blast text, p_columns text[])
RETURNS TABLE (name text, n bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = hall, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	e record;
	b hall.blast;
BEGIN
	SELECT x.* INTO e FROM hall.blast_enter(p_who, hall.blast_viewers(), p_blast, NULL) x;
	IF e.outcome = 'forbidden' THEN
		RAISE EXCEPTION '%', e.detail ->> 'why' USING ERRCODE = '42501';
	END IF;
	b := e.blast;
	IF cardinality(p_columns) > 0 THEN
		RETURN QUERY
		SELECT c.name, count(*)
		FROM hall.blast_recipient r, unnest(b.columns) WITH ORDINALITY AS c (name, place)
		WHERE r.blast = b.id AND c.name = ANY (p_columns) AND coalesce(r.data[c.place], '') = ''
		GROUP BY c.name, c.place
		ORDER BY c.place;
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_empty(text, text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_empty(text, text, text[]) TO smsd, hall_campaign, hall_viewer, hall_ops;
