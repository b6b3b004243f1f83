-- hall.channel_use(from, until): how often our channels did what for customers, as the texts and the other channels' reports say.
-- What came to nothing (an outcome other than ok) does not count; other channels report none.
-- Called by `smsctl steer channels` and the HTTP API.
-- Parameters: from, until (itself not).
-- Result: a row a channel and business (NULL: not told): uses, most first.
-- Tables: hall.contact.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.channel_use(p_from timestamptz, p_until timestamptz)
RETURNS TABLE (channel text, business text, uses bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = hall, pg_temp
SET jit = off
AS $$
	SELECT c.channel, c.business, count(*)
	FROM hall.contact c
	WHERE c.at >= p_from AND c.at < p_until AND coalesce(c.outcome, 'ok') = 'ok'
	GROUP BY c.channel, c.business
	ORDER BY count(*) DESC, c.channel, c.business
$$;

REVOKE ALL ON FUNCTION hall.channel_use(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.channel_use(timestamptz, timestamptz) TO hall_ops, hall_campaign, hall_viewer, smsd;
