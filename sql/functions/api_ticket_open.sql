-- hall_api.ticket_open(msisdn, kind, text, mo_id, now): takes a complaint, a suggestion or the wish to be called back.
-- Parameters: msisdn; kind: complaint | suggestion | callback; text: in the customer's words; mo_id: the text; now.
-- Result: one row.  ticket; answer_by: when it is answered at the latest (complaints and suggestions 48 hours, a call
-- 24); close_by: when it is settled at the latest (15 days).
-- Outcomes: ok (also for a text that was done before) | already (the same words within a day, or a call that is still
-- to come: that ticket).
-- Tables: writes bss.ticket; bss.ticket_no.
-- Locks: none; a subscriber's texts come one after the other.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.ticket_open_outcome', 'ok', 'already');

CREATE OR REPLACE FUNCTION hall_api.ticket_open(p_msisdn text, p_kind text, p_text text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.ticket_open_outcome, OUT ticket text, OUT answer_by timestamptz, OUT close_by timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN t.id = p_mo_id THEN 'ok' ELSE 'already' END, t.ticket, t.answer_by, t.close_by
	INTO outcome, ticket, answer_by, close_by
	FROM bss.ticket t
	WHERE t.msisdn = p_msisdn AND (t.id = p_mo_id OR (t.kind = p_kind AND t.state = 'open'
		AND (p_kind = 'callback' OR (t.text = p_text AND t.at > p_now - interval '1 day'))))
	ORDER BY t.id = p_mo_id DESC, t.at DESC
	LIMIT 1;
	IF FOUND THEN
		RETURN;
	END IF;
	INSERT INTO bss.ticket AS t (msisdn, ticket, id, kind, at, text, answer_by, close_by)
	VALUES (p_msisdn,
		CASE p_kind WHEN 'complaint' THEN 'TS' WHEN 'suggestion' THEN 'JY' ELSE 'HD' END
			|| to_char(p_now AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || lpad(nextval('bss.ticket_no')::text, 5, '0'),
		p_mo_id, p_kind, p_now, p_text,
		p_now + CASE p_kind WHEN 'callback' THEN interval '24 hours' ELSE interval '48 hours' END,
		p_now + interval '15 days')
	RETURNING t.ticket, t.answer_by, t.close_by INTO ticket, answer_by, close_by;
	outcome := 'ok';
END
$$;
