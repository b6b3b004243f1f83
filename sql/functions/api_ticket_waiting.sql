-- hall_api.ticket_waiting(msisdn, now, lang): the ticket that should be answered or settled first, for who is on duty.
-- Parameters: msisdn: of who asks; now; lang: zh | en.
-- Result: one row.  ticket, kind; customer: whose it is; text: in his words; due: when it should be answered, or settled; overdue:
-- that is over; others: how many more nobody has taken on.
-- Outcomes: ok | none (all are taken or settled) | not_on_duty.
-- Tables: bss.duty, bss.ticket.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_waiting_outcome', 'ok', 'none', 'not_on_duty');

CREATE OR REPLACE FUNCTION hall_api.ticket_waiting(p_msisdn text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.ticket_waiting_outcome, OUT ticket text, OUT kind text, OUT customer text, OUT text text,
	OUT due timestamptz, OUT overdue boolean, OUT others bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM bss.duty d WHERE d.msisdn = p_msisdn) THEN
		outcome := 'not_on_duty';
		RETURN;
	END IF;
	SELECT t.ticket, hall_api.tell_kind(t.kind, p_lang),
		t.msisdn, t.text, w.due, w.due <= p_now, count(*) OVER () - 1
	INTO ticket, kind, customer, text, due, overdue, others
	FROM bss.ticket t,
	LATERAL (SELECT CASE t.state WHEN 'open' THEN t.answer_by ELSE t.close_by END AS due) AS w
	WHERE t.state <> 'closed' AND (t.taken_at IS NULL OR t.taken_at <= p_now - interval '1 day')
	ORDER BY w.due, t.ticket
	LIMIT 1;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'none' END;
END
$$;
