-- hall_api.policy_publish(policy, zh, en, link, confirm_by, now): has all dealers told of a policy, which they must confirm.
-- Staff call it, not a command.
-- Parameters: policy: its number, as ZC202611; the same again does nothing; zh, en: its title, short; link: where it can be
-- read; confirm_by: until when it must be confirmed; now.
-- Result: one row.
-- Outcomes: ok | known: it was published before.
-- Tables: writes bss.policy, and hall.trigger (policy_published).
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.policy_publish_outcome', 'ok', 'known');

CREATE OR REPLACE FUNCTION hall_api.policy_publish(p_policy text, p_zh text, p_en text, p_link text, p_confirm_by timestamptz,
	p_now timestamptz, OUT outcome hall_api.policy_publish_outcome)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	INSERT INTO bss.policy (policy, zh, en, link, at, confirm_by)
	VALUES (p_policy, p_zh, p_en, p_link, p_now, p_confirm_by)
	ON CONFLICT ON CONSTRAINT policy_pkey DO NOTHING;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'known' END;
	IF FOUND THEN
		PERFORM hall_api.trigger('policy_published', p_policy, NULL, '{}');
	END IF;
END
$$;

REVOKE ALL ON FUNCTION hall_api.policy_publish(text, text, text, text, timestamptz, timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.policy_publish(text, text, text, text, timestamptz, timestamptz) TO hall_channel, hall_ops;
