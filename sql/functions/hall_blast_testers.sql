-- hall.blast_testers(who, msisdn …): whom a test of a blast goes to, each with his language.
-- Called by smsctl blast test and the HTTP API.
-- Parameters: who: see hall.blast_actor(), an author or an approver; numbers; empty: those on the list `test`.
-- Result: number, lang: as he chose, else as billing knows, else zh.
-- Errors: 42501 for who may not.
-- Tables: hall.number_list, hall.subscriber, and those of hall_api.profile().

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_testers(p_who text, p_msisdn text[])
RETURNS TABLE (msisdn text, lang text) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = hall, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	numbers text[] := p_msisdn;
BEGIN
	IF hall.blast_actor(p_who, 'hall_author', 'hall_approver') IS NULL THEN
		RAISE EXCEPTION 'this needs the role hall_author or hall_approver, in one''s own name' USING ERRCODE = '42501';
	END IF;
	IF cardinality(numbers) = 0 THEN
		SELECT coalesce(array_agg(l.msisdn ORDER BY l.msisdn), '{}') INTO numbers
		FROM hall.number_list l WHERE l.list = 'test';
	END IF;
	RETURN QUERY
	SELECT u.msisdn, u.lang
	FROM unnest(numbers, hall.blast_langs(numbers, array_fill(NULL::text, ARRAY[cardinality(numbers)]))) AS u (msisdn, lang);
END
$$;

REVOKE ALL ON FUNCTION hall.blast_testers(text, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_testers(text, text[]) TO smsd, hall_campaign;
