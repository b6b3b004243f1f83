-- hall.blast_columns(blast, columns): names what is known of each recipient beside number and language.
-- Called by hall.blast_apply().
-- Parameters: the blast's number; an array of names.
-- Result: NULL, or why not: the list has other columns already, a name is empty, reserved or there twice.
-- Tables: writes hall.blast.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_columns(p_blast integer, p_columns jsonb)
RETURNS text LANGUAGE plpgsql
SET search_path = hall, pg_temp
AS $$
DECLARE
	names text[];
	bad text;
BEGIN
	IF jsonb_typeof(p_columns) = 'null' THEN
		p_columns := '[]';
	ELSIF jsonb_typeof(p_columns) <> 'array' THEN
		RETURN 'a list of names is wanted';
	END IF;
	SELECT coalesce(array_agg(e.value ORDER BY e.ordinality), '{}') INTO names
	FROM jsonb_array_elements_text(p_columns) WITH ORDINALITY AS e;
	SELECT min(u.name) INTO bad FROM unnest(names) AS u (name)
	WHERE u.name IS NULL OR u.name IN ('', 'msisdn', 'lang') OR u.name ~ '[\s[:cntrl:]{}|#^/]' OR length(u.name) > 63;
	IF bad IS NOT NULL OR array_position(names, NULL) > 0 THEN
		RETURN format('%s cannot be the name of a column', coalesce(nullif(bad, ''), '(empty)'));
	END IF;
	SELECT min(u.name) INTO bad FROM (SELECT n.name FROM unnest(names) AS n (name) GROUP BY n.name HAVING count(*) > 1) AS u;
	IF bad IS NOT NULL THEN
		RETURN format('%s is there twice', bad);
	END IF;
	UPDATE hall.blast b SET columns = names WHERE b.id = p_blast AND (b.recipients = 0 OR b.columns = names);
	IF NOT FOUND THEN
		RETURN 'the list has other columns already: clear it first';
	END IF;
	RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_columns(integer, jsonb) FROM PUBLIC;
