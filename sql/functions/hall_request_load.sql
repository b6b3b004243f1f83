-- hall.request_load(load, rows): a portion of a list of recipients that came by HTTP, for hall.blast_recipients_add().
-- Called by smsd, once a portion.
-- Parameters: load: which list: the request's id; rows: an array of [line, msisdn, lang, [a value for each column]].
-- Result: how many rows.  Lists that never come to their end are removed by hall.request_tidy().
-- Tables: writes hall.blast_load.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_load(p_load uuid, p_rows jsonb)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	loaded integer;
BEGIN
	INSERT INTO hall.blast_load (load, line, msisdn, lang, data)
	SELECT p_load, (r.value->>0)::integer, r.value->>1, r.value->>2,
		ARRAY(SELECT v.value FROM jsonb_array_elements_text(r.value->3) WITH ORDINALITY AS v ORDER BY v.ordinality)
	FROM jsonb_array_elements(p_rows) AS r;
	GET DIAGNOSTICS loaded = ROW_COUNT;
	RETURN loaded;
END
$$;

REVOKE ALL ON FUNCTION hall.request_load(uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_load(uuid, jsonb) TO smsd;
