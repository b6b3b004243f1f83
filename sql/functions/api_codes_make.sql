-- hall_api.codes_make(pool, count, digits): fills a pool with random codes.  Staff call it, not a command.
-- Parameters: pool: pickup; count: how many, at most 100000; digits: of a code, 6 to 12.
-- Result: one row.  made; left_over: how many of the pool are not given out, these included.
-- Outcomes: ok | refused (count or digits out of range, or so many that codes could be guessed: more than one in ten
-- thousand of all there can be).
-- Tables: writes bss.code_pool, which keeps who made them and when.
-- The digits are taken from gen_random_uuid(), that is from the cryptographic generator.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.codes_make_outcome', 'ok', 'refused');

CREATE OR REPLACE FUNCTION hall_api.codes_make(p_pool text, p_count integer, p_digits integer,
	OUT outcome hall_api.codes_make_outcome, OUT made integer, OUT left_over integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	more integer;
BEGIN
	made := 0;
	SELECT count(*) INTO left_over FROM bss.code_pool c WHERE c.pool = p_pool AND c.drawn_at IS NULL;
	IF p_count NOT BETWEEN 1 AND 100000 OR p_digits NOT BETWEEN 6 AND 12
	   OR (left_over + p_count) * 10000.0 > 10.0 ^ p_digits THEN
		outcome := 'refused';
		RETURN;
	END IF;
	WHILE made < p_count LOOP
		-- 48 random bits: the remainder favours no code by more than one in a hundred.
		INSERT INTO bss.code_pool (pool, code)
		SELECT p_pool, lpad((('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint
			% (10 ^ p_digits)::bigint)::text, p_digits, '0')
		FROM generate_series(made + 1, p_count)
		ON CONFLICT (pool, code) DO NOTHING;
		GET DIAGNOSTICS more = ROW_COUNT;
		made := made + more;
	END LOOP;
	left_over := left_over + made;
	outcome := 'ok';
END
$$;

REVOKE ALL ON FUNCTION hall_api.codes_make(text, integer, integer) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.codes_make(text, integer, integer) TO hall_ops, hall_owner;
