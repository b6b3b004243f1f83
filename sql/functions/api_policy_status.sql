-- hall_api.policy_status(policy, now, lang): which dealers have not confirmed a policy.
-- Parameters: policy: NULL: the newest; now; lang: zh | en.
-- Result: a row a dealer who has not, by code, at most 10: policy, title; confirmed, dealers: how many of how many; overdue:
-- they should have; dealer (his name).
-- Outcomes: missing | all (one row: all have) | unknown_policy (one row).
-- Tables: bss.policy, bss.dealer, bss.policy_receipt.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.policy_status_outcome', 'missing', 'all', 'unknown_policy');

CREATE OR REPLACE FUNCTION hall_api.policy_status(p_policy text, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.policy_status_outcome, policy text, title text, confirmed bigint, dealers bigint,
	overdue boolean, dealer text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT p.policy, CASE p_lang WHEN 'en' THEN p.en ELSE p.zh END, p.confirm_by < p_now
	INTO policy, title, overdue
	FROM bss.policy p
	WHERE p.policy = p_policy OR (p_policy IS NULL AND p.at <= p_now)
	ORDER BY p.at DESC
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := 'unknown_policy';
		policy := p_policy;
		RETURN NEXT;
		RETURN;
	END IF;
	RETURN QUERY
	WITH told AS (
		SELECT d.dealer, CASE p_lang WHEN 'en' THEN d.name_en ELSE d.name_zh END AS name, r.dealer IS NOT NULL AS has
		FROM bss.dealer d
		LEFT JOIN bss.policy_receipt r ON r.dealer = d.dealer AND r.policy = policy_status.policy
		WHERE d.active
	), counted AS (
		SELECT count(*) FILTER (WHERE t.has) AS confirmed, count(*) AS dealers FROM told t
	)
	SELECT CASE WHEN c.confirmed < c.dealers THEN 'missing' ELSE 'all' END::hall_api.policy_status_outcome,
		policy_status.policy, policy_status.title, c.confirmed, c.dealers, policy_status.overdue, m.name
	FROM counted c
	LEFT JOIN told m ON NOT m.has
	ORDER BY m.dealer
	LIMIT 10;
END
$$;
