-- hall_api.ticket_status(msisdn, ticket, now): how far a customer's complaint has come.
-- Parameters: msisdn; ticket: NULL: his newest complaint; now.
-- Result: one row.  ticket; at: when it came; answer_by, close_by; answer, answered_at; closed_at.
-- Outcomes: open | overdue (open, and should have been answered) | answered | closed | none (he has no complaint) |
-- unknown_ticket.
-- Tables: bss.ticket.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_status_outcome', 'open', 'overdue', 'answered', 'closed', 'none',
	'unknown_ticket');

CREATE OR REPLACE FUNCTION hall_api.ticket_status(p_msisdn text, p_ticket text, p_now timestamptz,
	OUT outcome hall_api.ticket_status_outcome, OUT ticket text, OUT at timestamptz, OUT answer_by timestamptz,
	OUT close_by timestamptz, OUT answer text, OUT answered_at timestamptz, OUT closed_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN t.state = 'open' AND t.answer_by < p_now THEN 'overdue' ELSE t.state END, t.ticket, t.at,
		t.answer_by, t.close_by, t.answer, t.answered_at, t.closed_at
	INTO outcome, ticket, at, answer_by, close_by, answer, answered_at, closed_at
	FROM bss.ticket t
	WHERE t.msisdn = p_msisdn AND (t.ticket = p_ticket OR (p_ticket IS NULL AND t.kind = 'complaint'))
	ORDER BY t.at DESC
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := CASE WHEN p_ticket IS NULL THEN 'none' ELSE 'unknown_ticket' END;
		ticket := p_ticket;
	END IF;
END
$$;
