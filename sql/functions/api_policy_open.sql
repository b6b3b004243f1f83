-- hall_api.policy_open(msisdn, now, lang): the policy that a dealer should confirm first.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: one row.  policy, title, link, confirm_by; others: how many more he should confirm.
-- Outcomes: ok | none | not_dealer.
-- Tables: bss.dealer_contact, bss.policy, bss.policy_receipt.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.policy_open_outcome', 'ok', 'none', 'not_dealer');

CREATE OR REPLACE FUNCTION hall_api.policy_open(p_msisdn text, p_now timestamptz, p_lang text,
	OUT outcome hall_api.policy_open_outcome, OUT policy text, OUT title text, OUT link text, OUT confirm_by timestamptz,
	OUT others bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT p.policy, CASE p_lang WHEN 'en' THEN p.en ELSE p.zh END, p.link, p.confirm_by, count(*) OVER () - 1
	INTO policy, title, link, confirm_by, others
	FROM bss.dealer_contact c
	JOIN bss.policy p ON p.at BETWEEN p_now - interval '90 days' AND p_now
	WHERE c.msisdn = p_msisdn AND c.rank = 1
	  AND NOT EXISTS (SELECT FROM bss.policy_receipt r WHERE r.dealer = c.dealer AND r.policy = p.policy)
	ORDER BY p.confirm_by, p.policy
	LIMIT 1;
	outcome := CASE WHEN FOUND THEN 'ok'
		WHEN EXISTS (SELECT FROM bss.dealer_contact c WHERE c.msisdn = p_msisdn AND c.rank = 1) THEN 'none'
		ELSE 'not_dealer' END;
END
$$;
