-- hall_api.plan_due(now): puts changes of plan into force whose month has begun.  Billing calls it on the first of a
-- month, before it rates anything; again is harmless.
-- Parameters: now.
-- Result: one row.  done: how many plans were changed.
-- Outcomes: ok.
-- Tables: writes bss.plan_change, bss.plan (composed plans that nobody had so far), bss.subscriber.
-- Locks: the changes that are due, then their subscribers in order of number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_due_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.plan_due(p_now timestamptz, OUT outcome hall_api.plan_due_outcome, OUT done integer)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
	c record;
BEGIN
	done := 0;
	FOR c IN
		SELECT p.* FROM bss.plan_change p
		WHERE p.state = 'pending' AND p.starts_on <= today
		ORDER BY p.msisdn FOR NO KEY UPDATE
	LOOP
		-- A composed plan keeps what was agreed: its code has the price in it once another price was agreed before.
		IF EXISTS (SELECT FROM bss.plan p WHERE p.code = c.plan
			AND (p.price, p.data_mb, p.voice_min, p.sms) <> (c.price, c.data_mb, c.voice_min, c.sms))
		   AND c.plan LIKE 'ZX%' THEN
			c.plan := format('%s-%s-%s-%s-%s', c.plan, c.price, c.data_mb, c.voice_min, c.sms);
		END IF;
		INSERT INTO bss.plan (code, name_zh, name_en, price, data_mb, voice_min, sms, offered)
		SELECT c.plan, '自选套餐' || c.plan, 'Own plan ' || c.plan, c.price, c.data_mb, c.voice_min, c.sms, false
		WHERE c.plan LIKE 'ZX%'
		ON CONFLICT (code) DO NOTHING;
		UPDATE bss.subscriber s SET plan = c.plan, plan_since = c.starts_on WHERE s.msisdn = c.msisdn;
		UPDATE bss.plan_change p SET state = 'done', changed_at = p_now WHERE p.msisdn = c.msisdn AND p.id = c.id;
		done := done + 1;
	END LOOP;
	outcome := 'ok';
END
$$;

-- For billing, not for commands.
REVOKE ALL ON FUNCTION hall_api.plan_due(timestamptz) FROM PUBLIC, hall_command;
GRANT EXECUTE ON FUNCTION hall_api.plan_due(timestamptz) TO hall_channel;
