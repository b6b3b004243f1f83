-- hall_api.member_quote(msisdn, circle, member, short): whether somebody can be added to the family or group.  Reads only.
-- Parameters: msisdn; circle: family | group; member: his number; short: the short number he shall get, NULL: the first
-- free one.
-- Result: one row.  member; short; taken: how many there are; room: how many there can be.
-- Outcomes: ok | self | already | not_ours (no number of ours) | full (9) | short_taken | unknown_number.
-- Tables: bss.member, bss.subscriber.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.member_quote_outcome', 'ok', 'self', 'already', 'not_ours', 'full', 'short_taken',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.member_quote(p_msisdn text, p_circle text, p_member text, p_short integer,
	OUT outcome hall_api.member_quote_outcome, OUT member text, OUT short integer, OUT taken integer, OUT room integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	first constant integer := CASE p_circle WHEN 'family' THEN 550 ELSE 660 END;
	his smallint;
BEGIN
	member := p_member;
	room := 9;
	SELECT count(*), max(m.short) FILTER (WHERE m.member = p_member) INTO taken, his
	FROM bss.member m
	WHERE m.msisdn = p_msisdn AND m.circle = p_circle;
	short := coalesce(his, p_short, (SELECT min(n) FROM generate_series(first, first + 9) AS n
		WHERE NOT EXISTS (SELECT FROM bss.member m
			WHERE m.msisdn = p_msisdn AND m.circle = p_circle AND m.short = n)));
	outcome := CASE
		WHEN NOT EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn) THEN 'unknown_number'
		WHEN p_member = p_msisdn THEN 'self'
		WHEN his IS NOT NULL THEN 'already'
		WHEN NOT EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_member) THEN 'not_ours'
		WHEN taken >= room THEN 'full'
		WHEN EXISTS (SELECT FROM bss.member m
			WHERE m.msisdn = p_msisdn AND m.circle = p_circle AND m.short = member_quote.short) THEN 'short_taken'
		ELSE 'ok' END;
END
$$;
