-- hall.hours_end(opens, closes, from, seconds): when so long a time of sending will be over that rests outside the class's hours.
-- Called for the end of blasts.
-- Parameters: as hall.hours_open(); when it begins; how long it sends.
-- Result: when; NULL: not within ten years.
-- Tables: none.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.hours_end(p_opens time, p_closes time, p_from timestamptz, p_seconds double precision)
RETURNS timestamptz LANGUAGE plpgsql STABLE
AS $$
DECLARE
	day double precision := hall.hours_open(p_opens, p_closes, p_from, p_from + interval '1 day');
	days integer := greatest(floor(p_seconds / day) - 1, 0);
	at timestamptz := p_from + days * interval '1 day';
	rest double precision := p_seconds - days * day;
	closes timestamptz;
	spell double precision;
BEGIN
	IF days > 3660 THEN
		RETURN NULL;
	END IF;
	LOOP
		at := hall.hours_next(p_opens, p_closes, at);
		IF p_opens = p_closes THEN
			RETURN at + rest * interval '1 second';
		END IF;
		closes := ((at AT TIME ZONE 'Asia/Shanghai')::date + p_closes) AT TIME ZONE 'Asia/Shanghai';
		IF closes <= at THEN
			closes := closes + interval '1 day';
		END IF;
		spell := extract(epoch FROM closes - at);
		IF rest <= spell THEN
			RETURN at + rest * interval '1 second';
		END IF;
		rest := rest - spell;
		at := closes;
	END LOOP;
END
$$;

REVOKE ALL ON FUNCTION hall.hours_end(time, time, timestamptz, double precision) FROM PUBLIC;
