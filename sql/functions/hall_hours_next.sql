-- hall.hours_next(opens, closes, at): when a class's messages may be sent next.
-- Called for blasts.
-- Parameters: as hall.hours_open(); a moment.
-- Result: that moment, where they may be sent then; else the next one.
-- Tables: none.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.hours_next(p_opens time, p_closes time, p_at timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE
AS $$
	SELECT CASE
		WHEN p_opens = p_closes OR (p_opens < p_closes AND l.t >= p_opens AND l.t < p_closes)
			OR (p_opens > p_closes AND (l.t >= p_opens OR l.t < p_closes)) THEN p_at
		ELSE (l.d + CASE WHEN l.t < p_opens THEN 0 ELSE 1 END + p_opens) AT TIME ZONE 'Asia/Shanghai'
		END
	FROM (SELECT (p_at AT TIME ZONE 'Asia/Shanghai')::time AS t, (p_at AT TIME ZONE 'Asia/Shanghai')::date AS d) AS l
$$;

REVOKE ALL ON FUNCTION hall.hours_next(time, time, timestamptz) FROM PUBLIC;
