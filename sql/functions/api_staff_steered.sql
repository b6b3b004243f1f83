-- hall_api.staff_steered(from, until): which staff customers named as the ones who told them of a channel, and how often.
-- Called by `smsctl steer staff`, not by commands.
-- Parameters: from, until (itself not).
-- Result: a row a staff code, most points first.  hall; points; entries: transactions credited; customers; told: how many of
-- these customers the hall had told of a channel as well, within 30 days before.
-- Tables: bss.staff, bss.staff_point, hall.exposure.

SET LOCAL ROLE hall_api_owner;

CREATE OR REPLACE FUNCTION hall_api.staff_steered(p_from timestamptz, p_until timestamptz)
RETURNS TABLE (staff text, hall text, points bigint, entries bigint, customers bigint, told bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
	SELECT s.code, s.hall, sum(l.points)::bigint, count(*), count(DISTINCT l.msisdn),
		count(DISTINCT l.msisdn) FILTER (WHERE EXISTS (
			SELECT FROM hall.exposure e
			WHERE e.msisdn = l.msisdn AND e.at > l.at - interval '720 hours' AND e.at <= l.at AND NOT e.control))
	FROM bss.staff_point l
	JOIN bss.staff s ON s.code = l.staff
	WHERE l.at >= p_from AND l.at < p_until
	GROUP BY s.code, s.hall
	ORDER BY sum(l.points) DESC, s.code
$$;

REVOKE ALL ON FUNCTION hall_api.staff_steered(timestamptz, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.staff_steered(timestamptz, timestamptz) TO hall_campaign, hall_ops;
