-- hall.mask(msisdn): a number as people who need not know it see it: 138****1234, abroad +852******67, as msisdn_mask() in C.
-- Parameters: the number, in the hall's one form, or NULL.
-- Result: its first and last characters.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.mask(p_msisdn text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN starts_with(p_msisdn, '+') THEN left(p_msisdn, 4) || repeat('*', length(p_msisdn) - 6) || right(p_msisdn, 2)
	ELSE left(p_msisdn, 3) || '****' || right(p_msisdn, 4) END;

REVOKE ALL ON FUNCTION hall.mask(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.mask(text) TO smsd, hall_campaign, hall_viewer, hall_ops;
