-- hall_api.trigger(name, key, msisdn, data): another channel reports that something happened, so that reminders may follow.
-- Called by the channel itself, not by commands; any number of times: the same name and key is the same event.
-- Parameters: name: what happened, as the tables call it (`on:` of a reminder); key: which one, e.g. the transaction's
-- number; msisdn: whom it concerns, 11 digits at home or + and E.164, NULL: nobody in particular; data: what else the
-- reminder's SQL should know, NULL: nothing.
-- Result: one row.  id: the trigger's.
-- Outcomes: ok | known: it was reported before, and what is said of it now is not looked at.
-- Errors: 23514 when the number is none, or name or key are empty.
-- Tables: writes hall.trigger.
-- Notifies hall_trigger, once a transaction, at its commit.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.trigger_outcome', 'ok', 'known');

CREATE OR REPLACE FUNCTION hall_api.trigger(p_name text, p_key text, p_msisdn text, p_data jsonb,
	OUT outcome hall_api.trigger_outcome, OUT id uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	INSERT INTO hall.trigger AS t (id, name, key, msisdn, data, at)
	VALUES (gen_random_uuid(), p_name, p_key, p_msisdn, coalesce(p_data, '{}'), date_trunc('second', now()))
	ON CONFLICT ON CONSTRAINT trigger_name_key DO NOTHING
	RETURNING t.id INTO id;
	IF FOUND THEN
		outcome := 'ok';
		NOTIFY hall_trigger;
		RETURN;
	END IF;
	outcome := 'known';
	SELECT t.id INTO id FROM hall.trigger t WHERE t.name = p_name AND t.key = p_key;
END
$$;

REVOKE ALL ON FUNCTION hall_api.trigger(text, text, text, jsonb) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.trigger(text, text, text, jsonb) TO hall_channel, hall_ops;
