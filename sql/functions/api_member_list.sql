-- hall_api.member_list(msisdn, circle): who is in a subscriber's family or group.
-- Parameters: msisdn; circle: family | group.
-- Result: a row a member, by short number: member, short, since.
-- Outcomes: ok (no row: none).
-- Tables: bss.member.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.member_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.member_list(p_msisdn text, p_circle text)
RETURNS TABLE (outcome hall_api.member_list_outcome, member text, short smallint, since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.member_list_outcome, m.member, m.short, m.since
	FROM bss.member m
	WHERE m.msisdn = p_msisdn AND m.circle = p_circle
	ORDER BY m.short;
END
$$;
