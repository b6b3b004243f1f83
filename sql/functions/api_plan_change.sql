-- hall_api.plan_change(msisdn, code, price_version, mo_id, now, lang): changes the plan from next month on.  An earlier
-- change that is pending is replaced.
-- Parameters: msisdn; code: as the customer named it; price_version: of the plan_quote() that he agreed to, NULL: none;
-- mo_id: the text; now; lang: zh | en.
-- Result: one row.  code, name; price in fen a month; starts_on; before: the pending one that it replaces.
-- Outcomes: ok (also for a text that was done before) | changed (the price is another by now) | same | pending |
-- not_offered | arrears | unknown_plan | unknown_number: see plan_quote().
-- Tables: bss.plan, bss.subscriber, bss.account; writes bss.plan_change.
-- Locks: the subscriber, then his pending change.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_change_outcome', 'ok', 'changed', 'same', 'pending', 'not_offered', 'arrears',
	'unknown_plan', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.plan_change(p_msisdn text, p_code text, p_price_version text, p_mo_id uuid,
	p_now timestamptz, p_lang text,
	OUT outcome hall_api.plan_change_outcome, OUT code text, OUT name text, OUT price integer, OUT starts_on date,
	OUT before text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	q record;
BEGIN
	SELECT c.plan, c.price, c.starts_on, CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END
	INTO code, price, starts_on, name
	FROM bss.plan_change c
	JOIN bss.plan p ON p.code = c.plan
	WHERE c.msisdn = p_msisdn AND c.id = p_mo_id;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;

	PERFORM FROM bss.subscriber s WHERE s.msisdn = p_msisdn FOR NO KEY UPDATE;
	SELECT * INTO q FROM hall_api.plan_quote(p_msisdn, p_code, p_now, p_lang);
	code := q.code;
	name := q.name;
	price := q.price;
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
	WHERE c.msisdn = p_msisdn AND c.state = 'pending'
	RETURNING c.plan INTO before;
	INSERT INTO bss.plan_change (msisdn, id, at, plan, price, data_mb, voice_min, sms, starts_on, changed_at)
	VALUES (p_msisdn, p_mo_id, p_now, q.code, q.price, q.data_mb, q.voice_min, q.sms, q.starts_on, p_now);
	outcome := 'ok';
END
$$;
