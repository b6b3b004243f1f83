-- hall_api.tell_plan(now, kind): whose plan changes, for reminders.
-- Parameters: now; kind: ahead: within the next four days | done: it changed on the first of this month.
-- Result: a row a subscriber: msisdn, lang; plan: its name; price in fen a month; starts_on.
-- Tables: bss.plan_change, bss.plan, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_plan(p_now timestamptz, p_kind text)
RETURNS TABLE (msisdn text, lang text, plan text, price integer, starts_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
SET enable_seqscan = on
SET enable_hashjoin = on
AS $$
DECLARE
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	RETURN QUERY
	SELECT c.msisdn, t.lang, coalesce(CASE t.lang WHEN 'en' THEN p.name_en ELSE p.name_zh END, c.plan), c.price, c.starts_on
	FROM bss.plan_change c
	JOIN bss.told t ON t.msisdn = c.msisdn
	LEFT JOIN bss.plan p ON p.code = c.plan
	WHERE CASE p_kind WHEN 'ahead' THEN c.state = 'pending' AND c.starts_on > today AND c.starts_on <= today + 4
		WHEN 'done' THEN c.state = 'done' AND c.starts_on = date_trunc('month', today)::date END;
END
$$;
