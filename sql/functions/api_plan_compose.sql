-- hall_api.plan_compose(msisdn, data, voice, sms, price_version, mo_id, now, lang): a composed plan from next month on.
-- An earlier change that is pending is replaced.
-- Parameters: msisdn; data, voice, sms: the choice of each part; price_version: of the plan_compose_quote() that he
-- agreed to, NULL: none; mo_id: the text; now; lang: zh | en.
-- Result: one row.  code, name; price in fen a month; data_mb, voice_min, sms_count; starts_on.
-- Outcomes: ok (also for a text that was done before) | changed (a part's price or amount is another by now) | same |
-- pending | arrears | no_such_part | unknown_number: see plan_compose_quote().
-- Tables: bss.plan_part, bss.subscriber, bss.account; writes bss.plan_change.
-- Locks: the subscriber, then his pending change.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_compose_outcome', 'ok', 'changed', 'same', 'pending', 'arrears', 'no_such_part',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.plan_compose(p_msisdn text, p_data integer, p_voice integer, p_sms integer,
	p_price_version text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.plan_compose_outcome, OUT code text, OUT name text, OUT price integer, OUT data_mb integer,
	OUT voice_min integer, OUT sms_count integer, OUT starts_on date)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	q record;
BEGIN
	SELECT c.plan, CASE p_lang WHEN 'en' THEN 'Own plan ' ELSE '自选套餐' END || c.plan, c.price, c.data_mb, c.voice_min,
		c.sms, c.starts_on
	INTO code, name, price, data_mb, voice_min, sms_count, starts_on
	FROM bss.plan_change c
	WHERE c.msisdn = p_msisdn AND c.id = p_mo_id;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;

	PERFORM FROM bss.subscriber s WHERE s.msisdn = p_msisdn FOR NO KEY UPDATE;
	SELECT * INTO q FROM hall_api.plan_compose_quote(p_msisdn, p_data, p_voice, p_sms, p_now, p_lang);
	code := q.code;
	name := q.name;
	price := q.price;
	data_mb := q.data_mb;
	voice_min := q.voice_min;
	sms_count := q.sms_count;
	starts_on := q.starts_on;
	IF q.outcome <> 'ok' THEN
		outcome := q.outcome::text;
		RETURN;
	ELSIF p_price_version <> q.price_version THEN
		outcome := 'changed';
		RETURN;
	END IF;

	UPDATE bss.plan_change c
	SET state = 'replaced', off_id = p_mo_id, changed_at = p_now
	WHERE c.msisdn = p_msisdn AND c.state = 'pending';
	INSERT INTO bss.plan_change (msisdn, id, at, plan, price, data_mb, voice_min, sms, starts_on, changed_at)
	VALUES (p_msisdn, p_mo_id, p_now, q.code, q.price, q.data_mb, q.voice_min, q.sms_count, q.starts_on, p_now);
	outcome := 'ok';
END
$$;
