-- hall.link_lease_take(instance, lasts, now): this smsd's share of each link's rate, for so long from now.
-- Called by each smsd every few seconds, in a transaction of its own.
-- Parameters: instance: who; lasts: how long the lease; now.
-- Result: link, share of its rate in segments a second, share of its burst.  Of the links that have a limit; those under
-- `*` that are in use each by its own name, and `*` itself, with nothing, for those that nobody knows of yet.
-- All that have a lease share alike.  Whoever is new waits until the others have renewed theirs and so made room; what a
-- dead one had is free when its lease is over.
-- Tables: hall.link_rate, hall.number_range, hall.held; writes hall.link_lease.
-- Locks: hall.link_rate's rows, in order: one smsd at a time.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.link_lease_take(p_instance text, p_lasts interval, p_now timestamptz DEFAULT clock_timestamp())
RETURNS TABLE (link text, share double precision, burst double precision)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	live integer;
BEGIN
	PERFORM FROM hall.link_rate ORDER BY link FOR UPDATE;
	IF NOT FOUND THEN
		DELETE FROM hall.link_lease WHERE instance = p_instance;
		RETURN;
	END IF;
	DELETE FROM hall.link_lease WHERE until <= p_now;
	SELECT count(DISTINCT l.instance) + 1 INTO live FROM hall.link_lease l WHERE l.instance <> p_instance;
	RETURN QUERY
	WITH RECURSIVE waiting AS (
		(SELECT h.link FROM hall.held h ORDER BY h.link LIMIT 1)
		UNION ALL
		SELECT (SELECT h.link FROM hall.held h WHERE h.link > w.link ORDER BY h.link LIMIT 1) FROM waiting w WHERE w.link IS NOT NULL
	), known AS (
		SELECT r.link FROM hall.link_rate r
		UNION SELECT n.link FROM hall.number_range n
		UNION SELECT w.link FROM waiting w WHERE w.link IS NOT NULL
		UNION SELECT ''
	), limited AS (
		SELECT k.link, CASE k.link WHEN '*' THEN 0 ELSE r.rate END AS rate, r.burst
		FROM known k
		JOIN LATERAL (SELECT x.* FROM hall.link_rate x WHERE x.link IN (k.link, '*') ORDER BY x.link = '*' LIMIT 1) AS r ON true
	), shares AS (
		SELECT m.*, greatest(least(m.rate::double precision / live, m.rate - coalesce((SELECT sum(l.share)
			FROM hall.link_lease l WHERE l.link = m.link AND l.instance <> p_instance), 0)), 0) AS share
		FROM limited m
	), gone AS (
		DELETE FROM hall.link_lease l
		WHERE l.instance = p_instance AND NOT EXISTS (SELECT FROM limited m WHERE m.link = l.link)
	), kept AS (
		INSERT INTO hall.link_lease AS l (link, instance, share, until)
		SELECT s.link, p_instance, s.share, p_now + p_lasts FROM shares s
		ON CONFLICT (link, instance) DO UPDATE SET share = excluded.share, until = excluded.until
	)
	SELECT s.link, s.share, CASE WHEN s.rate > 0 THEN s.burst * s.share / s.rate ELSE 0 END
	FROM shares s
	ORDER BY s.link;
END
$$;

REVOKE ALL ON FUNCTION hall.link_lease_take(text, interval, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.link_lease_take(text, interval, timestamptz) TO smsd;
