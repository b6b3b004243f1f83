-- hall_api.agreement_mine(msisdn, now, lang): the agreements of who asks.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: a row an agreement that has not ended, the first to end first: agreement, name, ends_on; renewing: he asked for a
-- new one.
-- Outcomes: ending (the first ends within two months, and he did not say whether he wants a new one) | ok | none (one row).
-- Tables: bss.agreement.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.agreement_mine_outcome', 'ending', 'ok', 'none');

CREATE OR REPLACE FUNCTION hall_api.agreement_mine(p_msisdn text, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.agreement_mine_outcome, agreement text, name text, ends_on date, renewing boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 2
SET search_path = bss, pg_temp
AS $$
DECLARE
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
	said hall_api.agreement_mine_outcome;
BEGIN
	SELECT CASE WHEN a.ends_on <= today + interval '2 months' AND a.renew IS NULL THEN 'ending' ELSE 'ok' END INTO said
	FROM bss.agreement a
	WHERE a.msisdn = p_msisdn AND a.ends_on >= today
	ORDER BY a.ends_on, a.agreement
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := 'none';
		RETURN NEXT;
		RETURN;
	END IF;
	RETURN QUERY
	SELECT said, a.agreement, CASE p_lang WHEN 'en' THEN a.name_en ELSE a.name_zh END, a.ends_on, a.renew IS TRUE
	FROM bss.agreement a
	WHERE a.msisdn = p_msisdn AND a.ends_on >= today
	ORDER BY a.ends_on, a.agreement;
END
$$;
