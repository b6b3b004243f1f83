-- hall.link_of(msisdn): the link by which a number is reached (hall.number_range); NULL: any.
-- Called by hall.door_put() and whatever else makes messages that no customer asked for.
-- Parameters: msisdn: the number in the hall's form.
-- Tables: hall.number_range.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.link_of(p_msisdn text)
RETURNS text LANGUAGE sql STABLE
AS $$
	SELECT r.link
	FROM hall.number_range r
	WHERE r.prefix IN (SELECT left(p_msisdn, k) FROM generate_series(1, length(p_msisdn)) AS k)
	ORDER BY length(r.prefix) DESC
	LIMIT 1
$$;

REVOKE ALL ON FUNCTION hall.link_of(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.link_of(text) TO smsd, hall_ops;
