-- hall_api.ticket_detail(msisdn, ticket, text, mo_id, now): adds to what a customer said in a ticket.
-- Parameters: msisdn; ticket: NULL: his newest complaint that is not closed; text; mo_id: the text; now.
-- Result: one row.  ticket; answer_by, close_by.
-- Outcomes: ok (also for a text that was done before) | closed | unknown_ticket.
-- Tables: bss.ticket; writes bss.ticket_note.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_detail_outcome', 'ok', 'closed', 'unknown_ticket');

CREATE OR REPLACE FUNCTION hall_api.ticket_detail(p_msisdn text, p_ticket text, p_text text, p_mo_id uuid,
	p_now timestamptz,
	OUT outcome hall_api.ticket_detail_outcome, OUT ticket text, OUT answer_by timestamptz, OUT close_by timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN t.state = 'closed' THEN 'closed' ELSE 'ok' END, t.ticket, t.answer_by, t.close_by
	INTO outcome, ticket, answer_by, close_by
	FROM bss.ticket t
	WHERE t.msisdn = p_msisdn AND (t.ticket = p_ticket OR (p_ticket IS NULL AND t.kind = 'complaint' AND t.state <> 'closed'))
	ORDER BY t.at DESC
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := 'unknown_ticket';
		ticket := p_ticket;
	ELSIF outcome = 'ok' THEN
		INSERT INTO bss.ticket_note (msisdn, ticket, id, at, text)
		VALUES (p_msisdn, ticket_detail.ticket, p_mo_id, p_now, p_text)
		ON CONFLICT ON CONSTRAINT ticket_note_pkey DO NOTHING;
	END IF;
END
$$;
