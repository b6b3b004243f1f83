-- hall.door_silence(most, now): messages that asked for a report, of which nothing final was heard as long as their class is
-- valid and a day more, get the reason no_report.
-- Called by smsd every few seconds, in a transaction of its own.
-- Parameters: most: so many at most; now.
-- Result: how many.  What is reported later counts as if it came in time.
-- It goes on where it stopped (hall.silence), ten minutes of sending at a time, and half an hour of a class at most in a
-- call: the connection has more to do.
-- Tables: hall.message_class; writes hall.mt, hall.silence.
-- Locks: hall.silence's rows; another smsd that is at it is not waited for.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.door_silence(p_most integer, p_now timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hall, pg_temp
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off
AS $$
DECLARE
	step CONSTANT interval := '10 minutes';
	k record;
	lower timestamptz;
	upper timestamptz;
	n integer;
	marked integer := 0;
BEGIN
	FOR k IN
		-- Answers have no rules: message centres try for three days.
		SELECT s.class, s.upto, coalesce(c.valid, '3 days') AS valid
		FROM hall.silence s LEFT JOIN hall.message_class c ON c.class = s.class
		FOR UPDATE OF s SKIP LOCKED
	LOOP
		lower := timestamptz 'epoch' + k.upto * interval '1 microsecond';
		FOR i IN 1 .. 3 LOOP
			upper := lower + step;
			EXIT WHEN marked >= p_most OR upper > p_now - k.valid - interval '1 day';
			-- A message is sent while it is valid: so much earlier, at most, it was made.
			UPDATE hall.mt m SET why = 'no_report'
			FROM (SELECT x.msisdn, x.at, x.id
				FROM hall.mt x
				WHERE x.batch > extract(epoch FROM lower) * 1000000 AND x.batch <= extract(epoch FROM upper) * 1000000
				  AND x.at > lower - interval '32 days' AND x.at < upper + interval '1 day' AND x.class = k.class
				  AND x.report AND x.state IN ('queued', 'accepted', 'buffered') AND x.why IS DISTINCT FROM 'no_report'
				LIMIT p_most - marked) AS s
			WHERE m.msisdn = s.msisdn AND m.at = s.at AND m.id = s.id
			  AND m.at > lower - interval '32 days' AND m.at < upper + interval '1 day';
			GET DIAGNOSTICS n = ROW_COUNT;
			marked := marked + n;
			EXIT WHEN marked >= p_most;
			lower := upper;
		END LOOP;
		UPDATE hall.silence s SET upto = extract(epoch FROM lower) * 1000000
		WHERE s.class = k.class AND s.upto < extract(epoch FROM lower) * 1000000;
	END LOOP;
	RETURN marked;
END
$$;

REVOKE ALL ON FUNCTION hall.door_silence(integer, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.door_silence(integer, timestamptz) TO smsd;
