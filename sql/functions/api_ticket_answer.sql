-- hall_api.ticket_answer(msisdn, ticket, answer, closes, by, now): what the people who work on tickets say.  Their system
-- calls it, not a command.
-- Parameters: msisdn, ticket; answer: to the customer; closes: the matter is settled; by: who, for the record; now.
-- Result: one row.  late: after the time that the customer was told.
-- Outcomes: ok | closed (before) | unknown_ticket.
-- Tables: writes bss.ticket, and hall.trigger (ticket_answered): the customer is told.
-- Locks: the ticket.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_answer_outcome', 'ok', 'closed', 'unknown_ticket');

CREATE OR REPLACE FUNCTION hall_api.ticket_answer(p_msisdn text, p_ticket text, p_answer text, p_closes boolean,
	p_by text, p_now timestamptz, OUT outcome hall_api.ticket_answer_outcome, OUT late boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	UPDATE bss.ticket t
	SET state = CASE WHEN p_closes THEN 'closed' ELSE 'answered' END, answer = p_answer, answered_by = p_by,
		answered_at = coalesce(t.answered_at, p_now), closed_at = CASE WHEN p_closes THEN p_now END
	WHERE t.msisdn = p_msisdn AND t.ticket = p_ticket AND t.state <> 'closed'
	RETURNING t.answered_at > t.answer_by OR p_now > t.close_by INTO late;
	outcome := CASE WHEN FOUND THEN 'ok'
		WHEN EXISTS (SELECT FROM bss.ticket t WHERE t.msisdn = p_msisdn AND t.ticket = p_ticket) THEN 'closed'
		ELSE 'unknown_ticket' END;
	IF outcome = 'ok' THEN
		PERFORM hall_api.trigger('ticket_answered', p_ticket || ' ' || md5(p_answer), p_msisdn,
			jsonb_build_object('ticket', p_ticket));
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall_api.ticket_answer(text, text, text, boolean, text, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.ticket_answer(text, text, text, boolean, text, timestamptz) TO hall_channel;
