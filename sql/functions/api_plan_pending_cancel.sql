-- hall_api.plan_pending_cancel(msisdn, mo_id, now, lang): takes back a change of plan that has not begun.
-- Parameters: msisdn; mo_id: the text; now; lang: zh | en.
-- Result: one row.  code, name: of what was taken back; starts_on: when it would have begun; current: the name of the
-- plan that stays.
-- Outcomes: ok (also for a text that was done before) | none.
-- Tables: bss.plan, bss.subscriber; writes bss.plan_change.
-- Locks: the pending change.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.plan_pending_cancel_outcome', 'ok', 'none');

CREATE OR REPLACE FUNCTION hall_api.plan_pending_cancel(p_msisdn text, p_mo_id uuid, p_now timestamptz, p_lang text,
	OUT outcome hall_api.plan_pending_cancel_outcome, OUT code text, OUT name text, OUT starts_on date,
	OUT current text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT c.plan, c.starts_on INTO code, starts_on
	FROM bss.plan_change c
	WHERE c.msisdn = p_msisdn AND c.off_id = p_mo_id AND c.state = 'cancelled';
	IF NOT FOUND THEN
		UPDATE bss.plan_change c
		SET state = 'cancelled', off_id = p_mo_id, changed_at = p_now
		WHERE c.msisdn = p_msisdn AND c.state = 'pending'
		RETURNING c.plan, c.starts_on INTO code, starts_on;
	END IF;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'none' END;
	SELECT CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END INTO current
	FROM bss.subscriber s JOIN bss.plan p ON p.code = s.plan
	WHERE s.msisdn = p_msisdn;
	IF outcome = 'ok' THEN
		SELECT CASE p_lang WHEN 'en' THEN p.name_en ELSE p.name_zh END INTO name FROM bss.plan p WHERE p.code = plan_pending_cancel.code;
		name := coalesce(name, CASE p_lang WHEN 'en' THEN 'Own plan ' ELSE '自选套餐' END || code);
	END IF;
END
$$;
