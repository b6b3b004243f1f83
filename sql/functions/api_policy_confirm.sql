-- hall_api.policy_confirm(msisdn, policy, answer, mo_id, now, lang): a dealer has read a policy.
-- Parameters: msisdn; policy; answer: how he said so, kept; mo_id: the text; now; lang: zh | en.
-- Result: one row.  policy, title; at: when it was confirmed.
-- Outcomes: ok (also for a text that was done before) | already | not_dealer | unknown_policy.
-- Tables: bss.policy, bss.dealer_contact; writes bss.policy_receipt: of each dealer that he is.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.policy_confirm_outcome', 'ok', 'already', 'not_dealer', 'unknown_policy');

CREATE OR REPLACE FUNCTION hall_api.policy_confirm(p_msisdn text, p_policy text, p_answer text, p_mo_id uuid, p_now timestamptz,
	p_lang text,
	OUT outcome hall_api.policy_confirm_outcome, OUT policy text, OUT title text, OUT at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	ours boolean;
BEGIN
	policy := p_policy;
	SELECT CASE p_lang WHEN 'en' THEN p.en ELSE p.zh END INTO title FROM bss.policy p WHERE p.policy = p_policy;
	IF NOT FOUND THEN
		outcome := 'unknown_policy';
		RETURN;
	END IF;
	INSERT INTO bss.policy_receipt (dealer, policy, msisdn, at, id, answer)
	SELECT c.dealer, p_policy, p_msisdn, p_now, p_mo_id, p_answer
	FROM bss.dealer_contact c
	WHERE c.msisdn = p_msisdn AND c.rank = 1
	ORDER BY c.dealer
	ON CONFLICT ON CONSTRAINT policy_receipt_pkey DO NOTHING;
	SELECT min(r.at), bool_or(r.id = p_mo_id) INTO at, ours
	FROM bss.dealer_contact c
	JOIN bss.policy_receipt r ON r.dealer = c.dealer AND r.policy = p_policy
	WHERE c.msisdn = p_msisdn AND c.rank = 1;
	outcome := CASE WHEN ours IS NULL THEN 'not_dealer' WHEN ours THEN 'ok' ELSE 'already' END;
END
$$;
