-- hall_api.ticket_take(msisdn, ticket, answer, mo_id, now): somebody on duty takes a ticket on; it is not escalated for a day.
-- Parameters: msisdn: of who is on duty; ticket; answer: how he said so, kept; mo_id: the text; now.
-- Result: one row.  ticket; answer_by, close_by; taken_by, taken_at: who has it, since when.
-- Outcomes: ok (also for a text that was done before) | already (somebody has it, for less than a day) | closed |
-- not_on_duty | unknown_ticket.
-- Tables: bss.duty; writes bss.ticket.
-- Locks: the ticket.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_take_outcome', 'ok', 'already', 'closed', 'not_on_duty', 'unknown_ticket');

CREATE OR REPLACE FUNCTION hall_api.ticket_take(p_msisdn text, p_ticket text, p_answer text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.ticket_take_outcome, OUT ticket text, OUT answer_by timestamptz, OUT close_by timestamptz,
	OUT taken_by text, OUT taken_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	state text;
	by_mo uuid;
BEGIN
	ticket := p_ticket;
	IF NOT EXISTS (SELECT FROM bss.duty d WHERE d.msisdn = p_msisdn) THEN
		outcome := 'not_on_duty';
		RETURN;
	END IF;
	UPDATE bss.ticket t
	SET taken_by = p_msisdn, taken_at = p_now, taken_id = p_mo_id, taken_answer = p_answer
	WHERE t.ticket = p_ticket AND t.state <> 'closed' AND t.taken_id IS DISTINCT FROM p_mo_id
	  AND (t.taken_at IS NULL OR t.taken_at <= p_now - interval '1 day');
	SELECT t.state, t.answer_by, t.close_by, t.taken_by, t.taken_at, t.taken_id
	INTO state, answer_by, close_by, taken_by, taken_at, by_mo
	FROM bss.ticket t
	WHERE t.ticket = p_ticket
	ORDER BY t.at DESC
	LIMIT 1;
	outcome := CASE WHEN NOT FOUND THEN 'unknown_ticket' WHEN by_mo = p_mo_id THEN 'ok' WHEN state = 'closed' THEN 'closed'
		ELSE 'already' END;
END
$$;
