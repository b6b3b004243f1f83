-- hall_api.tell_ticket_due(now): tickets that must be answered within four hours, for a reminder to who is on duty.
-- Parameters: now.
-- Result: a row for each ticket and each person of rank 1: msisdn, lang; ticket; customer: whose it is; kind; answer_by.
-- Tables: bss.ticket, bss.duty, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_ticket_due(p_now timestamptz)
RETURNS TABLE (msisdn text, lang text, ticket text, customer text, kind text, answer_by timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 100
SET search_path = bss, pg_temp
AS $$
	SELECT d.msisdn, coalesce(s.lang, 'zh'), k.ticket, k.msisdn,
		hall_api.tell_kind(k.kind, s.lang),
		k.answer_by
	FROM bss.ticket k
	CROSS JOIN bss.duty d
	LEFT JOIN bss.told s ON s.msisdn = d.msisdn
	WHERE k.state = 'open' AND k.answer_by > p_now AND k.answer_by <= p_now + interval '4 hours' AND k.taken_at IS NULL
	  AND d.rank = 1
$$;
