-- hall.segment_rows(sql, columns, most): what the query of a segment gives, as rows of a list.
-- Called by hall.request_segment().  Belongs to hall_segment, and the query runs with its rights: it reads the views of the schema
-- segment, and can neither write nor become anybody else.
-- Parameters: one SELECT; columns of the blast, each of which it must give, beside msisdn and perhaps lang; so many rows at most.
-- Result: a row a row: number, language or NULL, a value for each column, empty for NULL.
-- Errors: those of the query; 22023 for columns that are none of the blast's, or that it lacks.
-- Tables: those of the query.

CREATE OR REPLACE FUNCTION hall.segment_rows(p_sql text, p_columns text[], p_most integer)
RETURNS TABLE (msisdn text, lang text, data text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100000
SET search_path = segment, pg_temp
SET TimeZone = 'Asia/Shanghai'
SET enable_seqscan = on
SET jit = off
AS $$
DECLARE
	query CONSTANT text := regexp_replace(p_sql, ';\s*$', '');
	names text[];
	wrong text;
BEGIN
	-- A query of two statements, or of none, is no table expression.
	EXECUTE format(E'SELECT ARRAY(SELECT json_object_keys(to_json(r))) FROM (%s\n) AS r LIMIT 1', query) INTO names;
	IF names IS NULL THEN
		RETURN;
	END IF;
	SELECT k.name INTO wrong FROM unnest(names) AS k (name) WHERE k.name <> ALL (ARRAY['msisdn', 'lang'] || p_columns) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'the blast has no column "%" (name it in columns of the blast, or leave it out)', wrong USING ERRCODE = '22023';
	END IF;
	SELECT c.name INTO wrong FROM unnest(ARRAY['msisdn'] || p_columns) AS c (name) WHERE c.name <> ALL (names) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'the query gives no column "%" (select it, or name one AS %)', wrong, wrong USING ERRCODE = '22023';
	END IF;
	RETURN QUERY EXECUTE format(E'SELECT r.msisdn::text, %s, ARRAY[%s]::text[] FROM (%s\n) AS r LIMIT %s',
		CASE WHEN 'lang' = ANY (names) THEN $_$nullif(r.lang::text, '')$_$ ELSE 'NULL::text' END,
		(SELECT string_agg(format('concat(r.%I)', c.name), ', ' ORDER BY c.i) FROM unnest(p_columns) WITH ORDINALITY AS c (name, i)),
		query, p_most);
END
$$;

ALTER FUNCTION hall.segment_rows(text, text[], integer) OWNER TO hall_segment;
REVOKE ALL ON FUNCTION hall.segment_rows(text, text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.segment_rows(text, text[], integer) TO hall_owner;
