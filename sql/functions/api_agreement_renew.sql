-- hall_api.agreement_renew(msisdn, agreement, answer, mo_id, now, lang): notes whether somebody wants his agreement renewed.
-- Parameters: msisdn; agreement; answer: 2 or a no: he does not; else he does; mo_id: the text; now; lang: zh | en.
-- Result: one row.  agreement, name, ends_on.
-- Outcomes: ok | no_renewal (both also for a text that was done before) | already (he said that he wants it) | ended |
-- unknown_agreement.
-- Tables: writes bss.agreement.
-- Locks: the agreement.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.agreement_renew_outcome', 'ok', 'no_renewal', 'already', 'ended', 'unknown_agreement');

CREATE OR REPLACE FUNCTION hall_api.agreement_renew(p_msisdn text, p_agreement text, p_answer text, p_mo_id uuid,
	p_now timestamptz, p_lang text,
	OUT outcome hall_api.agreement_renew_outcome, OUT agreement text, OUT name text, OUT ends_on date)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
	wanted boolean := coalesce(p_answer, '1') NOT IN ('2', 'N', 'NO', '不', '否', '不续', '不续签', '不续约', '不需要', '不用');
	by_mo uuid;
BEGIN
	UPDATE bss.agreement a
	SET renew = wanted, renew_at = p_now, renew_id = p_mo_id
	WHERE a.msisdn = p_msisdn AND a.agreement = p_agreement AND a.renew IS NOT TRUE AND a.ends_on >= today;
	SELECT a.agreement, CASE p_lang WHEN 'en' THEN a.name_en ELSE a.name_zh END, a.ends_on, a.renew_id
	INTO agreement, name, ends_on, by_mo
	FROM bss.agreement a
	WHERE a.msisdn = p_msisdn AND a.agreement = p_agreement;
	outcome := CASE WHEN NOT FOUND THEN 'unknown_agreement' WHEN by_mo = p_mo_id THEN CASE WHEN wanted THEN 'ok' ELSE 'no_renewal' END
		WHEN ends_on < today THEN 'ended' ELSE 'already' END;
	agreement := p_agreement;
END
$$;
