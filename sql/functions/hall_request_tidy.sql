-- hall.request_tidy(days): forgets what the API needs no more.
-- Called by smsd when it first uses the API's connection, and every ten minutes.
-- Parameters: how many days requests are remembered.
-- Result: how many requests were forgotten, at most 10,000 a call; with them go rows of lists that never came to their end,
-- after a day.
-- Tables: deletes from hall.request, hall.blast_load.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.request_tidy(p_days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
DECLARE
	forgotten integer;
BEGIN
	DELETE FROM hall.request r
	WHERE r.id IN (SELECT o.id FROM hall.request o WHERE o.at < now() - make_interval(days => p_days) ORDER BY o.at LIMIT 10000);
	GET DIAGNOSTICS forgotten = ROW_COUNT;
	DELETE FROM hall.blast_load l WHERE l.at < now() - interval '1 day';
	RETURN forgotten;
END
$$;

REVOKE ALL ON FUNCTION hall.request_tidy(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.request_tidy(integer) TO smsd;
