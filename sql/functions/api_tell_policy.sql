-- hall_api.tell_policy(trigger_id, level): which dealers are told of a policy, for a reminder with levels.
-- Parameters: trigger_id: of hall.trigger; its key is the policy; level: 1 at first, 2 and 3 remind.
-- Result: a row a dealer who has not confirmed it: msisdn, lang; policy, title, link, confirm_by; dealer: his name; again: it
-- is a reminder.  At level 3 his area's manager is told as well: of whom, in dealer; others: true for a manager.
-- Tables: hall.trigger, bss.policy, bss.policy_receipt, bss.dealer, bss.dealer_contact, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_policy(p_trigger_id uuid, p_level integer)
RETURNS TABLE (msisdn text, lang text, policy text, title text, link text, confirm_by timestamptz, dealer text, again boolean,
	others boolean)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
AS $$
	SELECT c.msisdn, coalesce(s.lang, 'zh'), p.policy, CASE s.lang WHEN 'en' THEN p.en ELSE p.zh END, p.link, p.confirm_by,
		CASE s.lang WHEN 'en' THEN d.name_en ELSE d.name_zh END, p_level > 1, c.rank > 1
	FROM hall.trigger t
	JOIN bss.policy p ON p.policy = t.key
	JOIN bss.dealer d ON d.active
	JOIN bss.dealer_contact c ON c.dealer = d.dealer AND (c.rank = 1 OR (c.rank = 2 AND p_level > 2))
	LEFT JOIN bss.told s ON s.msisdn = c.msisdn
	WHERE t.id = p_trigger_id AND t.name = 'policy_published'
	  AND NOT EXISTS (SELECT FROM bss.policy_receipt r WHERE r.dealer = d.dealer AND r.policy = p.policy)
$$;
