-- hall_api.warning_open(msisdn, now, lang): the warning that waits longest for who asks.
-- Parameters: msisdn: of a dealer, or a manager of dealers; now; lang: zh | en.
-- Result: one row.  warning, dealer (his name), what, at; others: how many more wait.
-- Outcomes: ok | none | not_dealer: nobody who is told of warnings.
-- Tables: bss.dealer_contact, bss.dealer, bss.warning.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.warning_open_outcome', 'ok', 'none', 'not_dealer');

CREATE OR REPLACE FUNCTION hall_api.warning_open(p_msisdn text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.warning_open_outcome, OUT warning text, OUT dealer text, OUT what text, OUT at timestamptz,
	OUT others bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT w.warning, CASE p_lang WHEN 'en' THEN d.name_en ELSE d.name_zh END, CASE p_lang WHEN 'en' THEN w.en ELSE w.zh END,
		w.at, count(*) OVER () - 1
	INTO warning, dealer, what, at, others
	FROM bss.dealer_contact c
	JOIN bss.dealer d ON d.dealer = c.dealer
	JOIN bss.warning w ON w.dealer = c.dealer AND w.ack_at IS NULL AND w.at <= p_now
	WHERE c.msisdn = p_msisdn
	ORDER BY w.at, w.warning
	LIMIT 1;
	outcome := CASE WHEN FOUND THEN 'ok'
		WHEN EXISTS (SELECT FROM bss.dealer_contact c WHERE c.msisdn = p_msisdn) THEN 'none'
		ELSE 'not_dealer' END;
END
$$;
