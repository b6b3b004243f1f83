-- hall.mask(msisdn): a number as people who need not know it see it: 138****1234.
-- Parameters: the number.
-- Result: its first three and last four characters.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.mask(p_msisdn text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(p_msisdn, 3) || '****' || right(p_msisdn, 4);

REVOKE ALL ON FUNCTION hall.mask(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.mask(text) TO smsd, hall_campaign, hall_viewer, hall_ops;
