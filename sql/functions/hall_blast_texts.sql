-- hall.blast_texts(blast): what smsd needs to write a blast's messages.
-- Called by smsd when hall.blast_take() gives it a blast, or a version of it, that it does not know yet.
-- Parameters: the blast's number.
-- Result: a row a text: uuid, port (NULL: the hall's first), columns joined by newlines, the class's opt-out line in the text's
-- language ('': none), variant, lang, text.
-- Tables: hall.blast, hall.blast_text, hall.message_class.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_texts(p_blast integer)
RETURNS TABLE (uuid uuid, port text, columns text, opt_out text, variant text, lang text, text text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 4
SET search_path = hall, pg_temp
AS $$
	SELECT b.uuid, coalesce(b.port, c.port), array_to_string(b.columns, E'\n'),
		CASE t.lang WHEN 'en' THEN c.opt_out_en ELSE c.opt_out_zh END, t.variant, t.lang, t.text
	FROM hall.blast b
	JOIN hall.message_class c ON c.class = b.class
	JOIN hall.blast_text t ON t.blast = b.id
	WHERE b.id = p_blast
	ORDER BY t.variant, t.lang
$$;

REVOKE ALL ON FUNCTION hall.blast_texts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_texts(integer) TO smsd;
