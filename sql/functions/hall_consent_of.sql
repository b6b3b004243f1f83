-- hall.consent_of(msisdn, class): what a subscriber said last of a class of messages, of it alone or of all.
-- For whatever sends what was not asked for, when it sends it.
-- Parameters: msisdn; class: notice | commercial | recommend.
-- Result: in | out; NULL: he never said (commercial messages need an `in`, the others go until `out`).
-- Tables: hall.consent.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.consent_of(p_msisdn text, p_class text)
RETURNS text LANGUAGE sql STABLE
AS $$
	SELECT c.state
	FROM hall.consent c
	WHERE c.msisdn = p_msisdn AND c.class IN (p_class, 'all')
	ORDER BY c.at DESC, c.state DESC	-- at the same moment out counts
	LIMIT 1
$$;

REVOKE ALL ON FUNCTION hall.consent_of(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hall.consent_of(text, text) TO smsd, hall_ops;
