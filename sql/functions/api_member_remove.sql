-- hall_api.member_remove(msisdn, circle, member, mo_id, now): takes somebody off the family or group.
-- Parameters: msisdn; circle: family | group; member: his number, or his short one; mo_id: the text; now.
-- Result: one row.  member; short; taken: how many are left.
-- Outcomes: ok (also for a text that was done before) | not_member.
-- Tables: writes bss.member, bss.member_past.
-- Locks: the member's row.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.member_remove_outcome', 'ok', 'not_member');

CREATE OR REPLACE FUNCTION hall_api.member_remove(p_msisdn text, p_circle text, p_member text, p_mo_id uuid,
	p_now timestamptz,
	OUT outcome hall_api.member_remove_outcome, OUT member text, OUT short integer, OUT taken integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT o.member, o.short INTO member, short
	FROM bss.member_past o
	WHERE o.msisdn = p_msisdn AND o.off_id = p_mo_id;
	IF NOT FOUND THEN
		WITH gone AS (
			DELETE FROM bss.member m
			WHERE m.msisdn = p_msisdn AND m.circle = p_circle AND (m.member = p_member OR m.short::text = p_member)
			RETURNING m.*
		)
		INSERT INTO bss.member_past AS o (msisdn, circle, member, short, since, until, mo_id, off_id)
		SELECT g.msisdn, g.circle, g.member, g.short, g.since, p_now, g.mo_id, p_mo_id
		FROM gone g
		RETURNING o.member, o.short INTO member, short;
	END IF;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'not_member' END;
	member := coalesce(member, p_member);
	SELECT count(*) INTO taken FROM bss.member m WHERE m.msisdn = p_msisdn AND m.circle = p_circle;
END
$$;
