-- hall_api.tell_ticket(trigger_id): what became of a customer's ticket, for reminders: that it was taken (ticket_opened), or
-- what was answered (ticket_answered).
-- Parameters: trigger_id: of hall.trigger; its data names the ticket.
-- Result: at most one row: msisdn, lang, ticket, kind; answer_by, close_by; answer; closed: it is settled.
-- Tables: hall.trigger, bss.ticket, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_ticket(p_trigger_id uuid)
RETURNS TABLE (msisdn text, lang text, ticket text, kind text, answer_by timestamptz, close_by timestamptz, answer text,
	closed boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = bss, pg_temp
AS $$
	SELECT k.msisdn, coalesce(s.lang, 'zh'), k.ticket,
		hall_api.tell_kind(k.kind, s.lang),
		k.answer_by, k.close_by, k.answer, k.state = 'closed'
	FROM hall.trigger t
	JOIN bss.ticket k ON k.msisdn = t.msisdn AND k.ticket = t.data ->> 'ticket'
	LEFT JOIN bss.told s ON s.msisdn = k.msisdn
	WHERE t.id = p_trigger_id
$$;
