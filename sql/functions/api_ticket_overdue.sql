-- hall_api.ticket_overdue(now): tickets that wait longer than the customer was told, to be escalated.  Not for commands.
-- Parameters: now.
-- Result: a row a ticket, the longest overdue first: msisdn, ticket, kind, at, answer_by, close_by; settle: it was
-- answered in time, and not settled.
-- Outcomes: ok (no row: none).
-- Tables: bss.ticket.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_overdue_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.ticket_overdue(p_now timestamptz)
RETURNS TABLE (outcome hall_api.ticket_overdue_outcome, msisdn text, ticket text, kind text, at timestamptz,
	answer_by timestamptz, close_by timestamptz, settle boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.ticket_overdue_outcome, t.msisdn, t.ticket, t.kind, t.at, t.answer_by, t.close_by,
		t.state = 'answered'
	FROM bss.ticket t
	WHERE t.state <> 'closed' AND (t.close_by < p_now OR (t.state = 'open' AND t.answer_by < p_now))
	ORDER BY CASE t.state WHEN 'open' THEN t.answer_by ELSE t.close_by END, t.msisdn, t.ticket;
END
$$;

REVOKE ALL ON FUNCTION hall_api.ticket_overdue(timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.ticket_overdue(timestamptz) TO hall_channel, hall_ops;
