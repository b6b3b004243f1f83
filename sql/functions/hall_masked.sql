-- hall.masked(msisdn): a number as it is shown to people who need not know it: 138****1234, abroad +852******67.
-- Called by functions that answer other channels.  The same as msisdn_mask() in C.
-- Parameters: a number in the hall's one form, or NULL.
-- Result: the masked number.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.masked(p_msisdn text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
	SELECT CASE WHEN p_msisdn ~ '^1[0-9]{10}$' THEN left(p_msisdn, 3) || '****' || right(p_msisdn, 4)
		ELSE left(p_msisdn, 4) || repeat('*', length(p_msisdn) - 6) || right(p_msisdn, 2) END
$$;

REVOKE ALL ON FUNCTION hall.masked(text) FROM PUBLIC;
