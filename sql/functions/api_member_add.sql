-- hall_api.member_add(msisdn, circle, member, short, mo_id, now): adds somebody to the family or group.
-- Parameters: msisdn; circle: family | group; member: his number; short: the short number he shall get, NULL: the first
-- free one; mo_id: the text; now.
-- Result: one row.  member; short; taken: how many there are, he included; room: how many there can be.
-- Outcomes: ok (also for a text that was done before) | self | already | not_ours | full | short_taken |
-- unknown_number: see member_quote().
-- Tables: bss.subscriber; writes bss.member.
-- Locks: the subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.member_add_outcome', 'ok', 'self', 'already', 'not_ours', 'full', 'short_taken',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.member_add(p_msisdn text, p_circle text, p_member text, p_short integer,
	p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.member_add_outcome, OUT member text, OUT short integer, OUT taken integer, OUT room integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	q record;
BEGIN
	PERFORM FROM bss.subscriber s WHERE s.msisdn = p_msisdn FOR NO KEY UPDATE;
	SELECT * INTO q FROM hall_api.member_quote(p_msisdn, p_circle, p_member, p_short);
	outcome := q.outcome::text;
	member := q.member;
	short := q.short;
	taken := q.taken;
	room := q.room;
	IF outcome = 'ok' AND EXISTS (SELECT FROM bss.member_past o
		WHERE o.msisdn = p_msisdn AND o.mo_id = p_mo_id) THEN
		RETURN;				-- done before, and taken back since
	ELSIF outcome = 'ok' THEN
		INSERT INTO bss.member (msisdn, circle, member, short, since, mo_id)
		VALUES (p_msisdn, p_circle, p_member, q.short, p_now, p_mo_id);
		taken := taken + 1;
	ELSIF outcome = 'already' AND EXISTS (SELECT FROM bss.member m WHERE m.msisdn = p_msisdn AND m.circle = p_circle
		AND m.member = p_member AND m.mo_id = p_mo_id) THEN
		outcome := 'ok';
	END IF;
END
$$;
