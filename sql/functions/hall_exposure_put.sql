-- hall.exposure_put(source, name, version, target …, msisdn …, id …, control …, at): who was told of another channel, and who
-- belongs to the control group.
-- Called by smsd in the transaction that makes the messages; arrays of the same length, one element a subscriber.
-- Parameters: source: tip | reminder | blast; name: which one; version of the tables, NULL: it stands in none; the channels
-- steered to, as hall.contact.channel has them; numbers; ids of the messages, or for the control group those they would
-- have had; whether each is in the control group; at: when.
-- Result: how many are new.  The same (number, at, id) again does nothing.
-- Errors: 23514 when the source is another, the name empty, or a channel no name of one.
-- Tables: writes hall.exposure.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.exposure_put(p_source text, p_name text, p_version integer, p_target text[], p_msisdn text[],
	p_id uuid[], p_control boolean[], p_at timestamptz)
RETURNS integer LANGUAGE sql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
	WITH new AS (
		INSERT INTO hall.exposure (msisdn, at, id, source, name, version, target, control)
		SELECT t.msisdn, p_at, t.id, p_source, p_name, coalesce(p_version, 0), t.target, t.control
		FROM unnest(p_msisdn, p_id, p_target, p_control) AS t (msisdn, id, target, control)
		ON CONFLICT DO NOTHING
		RETURNING 1
	)
	SELECT count(*)::integer FROM new
$$;

REVOKE ALL ON FUNCTION hall.exposure_put(text, text, integer, text[], text[], uuid[], boolean[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.exposure_put(text, text, integer, text[], text[], uuid[], boolean[], timestamptz) TO smsd;
