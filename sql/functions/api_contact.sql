-- hall_api.contact(msisdn, channel, business, key, at): another channel reports that a customer used it, for shares and for the
-- effect of steering.  Many at once: hall_api.contacts().
-- Called by the channel itself, not by commands; any number of times: the same channel and key is the same use.
-- Parameters: msisdn: 11 digits at home or + and E.164; channel: counter | hotline | web | app | kiosk | another in
-- [a-z0-9_], not sms; business: what it was about, NULL: not told; key: which use, e.g. the transaction's number; at: when,
-- NULL: now.
-- Result: one row.  id: of hall.contact, NULL when refused.
-- Outcomes: ok | known: it was reported before, and what is said of it now is not looked at | bad_number | bad_channel |
-- bad_key: there is none, or it has more than 200 characters | bad_time: more than an hour ahead, or older than 13 months.
-- Tables: writes hall.contact_elsewhere, hall.contact_key.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.contact_outcome', 'ok', 'known', 'bad_number', 'bad_channel', 'bad_key', 'bad_time');

CREATE OR REPLACE FUNCTION hall_api.contact(p_msisdn text, p_channel text, p_business text, p_key text, p_at timestamptz DEFAULT NULL,
	OUT outcome hall_api.contact_outcome, OUT id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT c.outcome, c.id INTO outcome, id
	FROM hall_api.contacts(ARRAY[p_msisdn], ARRAY[p_channel], ARRAY[p_business], ARRAY[p_key], ARRAY[p_at]) AS c;
END
$$;

REVOKE ALL ON FUNCTION hall_api.contact(text, text, text, text, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.contact(text, text, text, text, timestamptz) TO hall_channel, hall_ops;
