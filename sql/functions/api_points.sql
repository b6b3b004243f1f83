-- hall_api.points(msisdn): bonus points.
-- Parameters: msisdn.
-- Result: one row.  points; expiring: so many of them are lost after expires_on.
-- Outcomes: ok | none (no points) | unknown_number.
-- Tables: bss.points, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.points_outcome', 'ok', 'none', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.points(p_msisdn text,
	OUT outcome hall_api.points_outcome, OUT points integer, OUT expiring integer, OUT expires_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN p.points > 0 THEN 'ok' ELSE 'none' END, p.points, p.expiring, p.expires_on
	INTO outcome, points, expiring, expires_on
	FROM bss.points p
	WHERE p.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := CASE WHEN EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn)
			THEN 'none' ELSE 'unknown_number' END;
	END IF;
END
$$;
