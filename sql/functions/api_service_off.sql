-- hall_api.service_off(msisdn, code, mo_id, now, lang): switches a service off.
-- Parameters: msisdn; code: as the customer named it; mo_id: the text; now; lang: zh | en.
-- Result: one row.  code, name; price in fen a month that is no longer taken; since: when it was switched on.
-- Outcomes: ok (also for a text that was done before) | not_on | unknown_service.
-- Tables: bss.service; writes bss.subscription, bss.subscription_past.
-- Locks: the subscription.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.service_off_outcome', 'ok', 'not_on', 'unknown_service');

CREATE OR REPLACE FUNCTION hall_api.service_off(p_msisdn text, p_code text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.service_off_outcome, OUT code text, OUT name text, OUT price integer, OUT since timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT s.code, CASE p_lang WHEN 'en' THEN s.name_en ELSE s.name_zh END, s.price
	INTO code, name, price
	FROM bss.service s
	WHERE s.code = p_code;
	IF NOT FOUND THEN
		outcome := 'unknown_service';
		RETURN;
	END IF;

	WITH gone AS (
		DELETE FROM bss.subscription s
		WHERE s.msisdn = p_msisdn AND s.service = p_code
		  AND NOT EXISTS (SELECT FROM bss.subscription_past o WHERE o.msisdn = p_msisdn AND o.off_id = p_mo_id)
		RETURNING s.*
	)
	INSERT INTO bss.subscription_past AS o (msisdn, service, since, until, price, mo_id, off_id)
	SELECT g.msisdn, g.service, g.since, p_now, g.price, g.mo_id, p_mo_id
	FROM gone g
	RETURNING o.price, o.since INTO price, since;
	IF FOUND THEN
		outcome := 'ok';
		RETURN;
	END IF;

	SELECT 'ok', o.price, o.since
	INTO outcome, price, since
	FROM bss.subscription_past o
	WHERE o.msisdn = p_msisdn AND o.off_id = p_mo_id;
	IF NOT FOUND THEN
		outcome := 'not_on';
	END IF;
END
$$;
