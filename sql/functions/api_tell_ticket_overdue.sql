-- hall_api.tell_ticket_overdue(now): tickets that wait longer than the customer was told, for a reminder to who is on duty.
-- Parameters: now.
-- Result: a row for each ticket and each person of its level: msisdn, lang; ticket; customer: whose it is; kind; due: when it should
-- have been answered, or settled (settle); level: 1 at first, 2 from 4 hours on, 3 from a day on: the rank of who is told.
-- What somebody took on (hall_api.ticket_take) stays at its level for a day.
-- Tables: bss.ticket, bss.duty, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_ticket_overdue(p_now timestamptz)
RETURNS TABLE (msisdn text, lang text, ticket text, customer text, kind text, due timestamptz, settle boolean, level integer)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
SET search_path = bss, pg_temp
AS $$
	SELECT d.msisdn, coalesce(s.lang, 'zh'), k.ticket, k.msisdn,
		hall_api.tell_kind(k.kind, s.lang),
		k.due, k.settle, k.level
	FROM (SELECT o.*, CASE WHEN o.due > p_now - interval '4 hours' THEN 1 WHEN o.due > p_now - interval '1 day' THEN 2 ELSE 3
			END AS level
		FROM (SELECT t.msisdn, t.ticket, t.kind, t.taken_at, t.answer_by AS due, false AS settle
			FROM bss.ticket t
			WHERE t.state = 'open' AND t.answer_by <= p_now AND t.close_by > p_now
			UNION ALL
			SELECT t.msisdn, t.ticket, t.kind, t.taken_at, t.close_by, true
			FROM bss.ticket t
			WHERE t.state <> 'closed' AND t.close_by <= p_now) AS o
		WHERE o.taken_at IS NULL OR o.taken_at <= p_now - interval '1 day') AS k
	JOIN bss.duty d ON d.rank = k.level
	LEFT JOIN bss.told s ON s.msisdn = d.msisdn
$$;
