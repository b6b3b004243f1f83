-- hall.blast_tested(cause): what became of the messages of a test.
-- Called by smsctl blast test, until all have gone, and by hall.blast_tests().
-- Parameters: as hall.blast_test() answered it: who knows it has made the test.
-- Result: a row a message: the number, masked; wording; state and why as in hall.mt.
-- Tables: hall.mt.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_tested(p_cause uuid)
RETURNS TABLE (msisdn text, wording text, segments smallint, state text, why text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = hall, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT hall.mask(m.msisdn), m.wording, m.segments, m.state::text, m.why
	FROM hall.mt m
	WHERE m.cause_id = p_cause AND m.cause = 'blast'
	ORDER BY m.msisdn, m.wording;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_tested(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_tested(uuid) TO hall_campaign;
