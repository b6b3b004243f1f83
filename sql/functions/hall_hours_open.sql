-- hall.hours_open(opens, closes, from, until): how long a class's messages may be sent between two moments.
-- Called for the pace and the end of blasts.
-- Parameters: the class's hours, Asia/Shanghai (closes not after opens: over midnight, or always); two moments.
-- Result: seconds, 0 where until is not after from.
-- Tables: none.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.hours_open(p_opens time, p_closes time, p_from timestamptz, p_until timestamptz)
RETURNS double precision LANGUAGE sql STABLE
AS $$
	SELECT coalesce(sum(greatest(extract(epoch FROM least(p_until, o.ends) - greatest(p_from, o.begins)), 0)), 0)::double precision
	FROM generate_series((p_from AT TIME ZONE 'Asia/Shanghai')::date - 1, (p_until AT TIME ZONE 'Asia/Shanghai')::date,
		interval '1 day') AS d (day),
	LATERAL (SELECT (d.day::date + p_opens) AT TIME ZONE 'Asia/Shanghai' AS begins,
		(d.day::date + CASE WHEN p_closes <= p_opens THEN 1 ELSE 0 END + p_closes) AT TIME ZONE 'Asia/Shanghai' AS ends) AS o
$$;

REVOKE ALL ON FUNCTION hall.hours_open(time, time, timestamptz, timestamptz) FROM PUBLIC;
