-- hall.blast_again(instance, conn, now): counts the messages of blasts that were committed and perhaps not sent, before they are
-- sent (again): so many recipients at most may have got theirs twice.
-- Called by smsd when it begins anew, or takes over from one that died.
-- Parameters: whose they were; now.
-- Result: how many.
-- Tables: writes hall.blast_again; reads hall.mt, hall.sender.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.blast_again(p_instance text, p_conn smallint, p_now timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
	told bigint := coalesce((SELECT s.accepted FROM hall.sender s WHERE s.instance = p_instance AND s.conn = p_conn), 0);
	counted integer;
BEGIN
	WITH again AS (
		INSERT INTO hall.blast_again AS a (blast, at, instance, conn, messages)
		SELECT b.id, p_now, p_instance, p_conn, u.messages
		FROM (SELECT m.cause_id, count(*) AS messages
			FROM hall.mt m
			WHERE m.batch > told AND m.instance = p_instance AND m.conn = p_conn AND m.state = 'queued' AND m.cause = 'blast'
			GROUP BY m.cause_id) AS u
		JOIN hall.blast b ON b.uuid = u.cause_id
		ON CONFLICT DO NOTHING
		RETURNING a.messages
	)
	SELECT coalesce(sum(a.messages), 0) INTO counted FROM again a;
	RETURN counted;
END
$$;

REVOKE ALL ON FUNCTION hall.blast_again(text, smallint, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.blast_again(text, smallint, timestamptz) TO smsd;
