-- hall.enum_type(name, value …): makes an enum type, or adds to an existing one the values that it lacks.
-- For the heads of function files, which are applied again and again; a value is never taken away.
-- Parameters: the type's name with its schema; all its values.
-- Result: none.  Belongs to whoever calls it.

CREATE OR REPLACE FUNCTION hall.enum_type(p_name text, VARIADIC p_values text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v text;
BEGIN
	IF to_regtype(p_name) IS NULL THEN
		EXECUTE format('CREATE TYPE %s AS ENUM (%s)', p_name,
			(SELECT string_agg(quote_literal(u.v), ', ' ORDER BY u.n)
			 FROM unnest(p_values) WITH ORDINALITY AS u (v, n)));
		RETURN;
	END IF;
	FOR v IN
		SELECT u.v FROM unnest(p_values) AS u (v)
		WHERE NOT EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = to_regtype(p_name) AND e.enumlabel = u.v)
	LOOP
		EXECUTE format('ALTER TYPE %s ADD VALUE %L', p_name, v);
	END LOOP;
END
$$;
