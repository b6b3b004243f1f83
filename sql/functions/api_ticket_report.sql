-- hall_api.ticket_report(channel, key, msisdn, kind, text, now): takes a complaint, a suggestion or the wish to be called back
-- that came over another channel, and has the customer told of its number.  That channel calls it, not a command.
-- Parameters: channel: counter | hotline | web | app | kiosk; key: what the channel calls it: the same again does nothing;
-- msisdn; kind: complaint | suggestion | callback; text: in the customer's words; now.
-- Result: one row.  ticket, answer_by, close_by as hall_api.ticket_open() gives them.
-- Outcomes: ok (also for what was reported before) | already (as ticket_open(): the customer is told of that ticket).
-- Errors: 23514 when the number is none (hall_api.trigger) or the kind none.
-- Tables: writes bss.ticket, and hall.trigger (ticket_opened).
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.ticket_report(p_channel text, p_key text, p_msisdn text, p_kind text, p_text text,
	p_now timestamptz,
	OUT outcome hall_api.ticket_open_outcome, OUT ticket text, OUT answer_by timestamptz, OUT close_by timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT o.outcome, o.ticket, o.answer_by, o.close_by INTO outcome, ticket, answer_by, close_by
	FROM hall_api.ticket_open(p_msisdn, p_kind, p_text, md5(p_channel || ' ' || p_key)::uuid, p_now) AS o;
	PERFORM hall_api.trigger('ticket_opened', p_channel || ' ' || p_key, p_msisdn, jsonb_build_object('ticket', ticket));
END
$$;

REVOKE ALL ON FUNCTION hall_api.ticket_report(text, text, text, text, text, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.ticket_report(text, text, text, text, text, timestamptz) TO hall_channel;
