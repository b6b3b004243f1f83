-- hall_api.tell_invoice(now, kind): whose invoice is not paid, for reminders that run every day.
-- Parameters: now; kind: due: within three days | overdue: for one to ten days.
-- Result: a row an invoice: msisdn, lang, month (its first day), amount in fen, due_on.
-- Tables: bss.invoice, bss.told.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_invoice(p_now timestamptz, p_kind text)
RETURNS TABLE (msisdn text, lang text, month date, amount integer, due_on date)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
AS $$
	SELECT i.msisdn, s.lang, i.month, i.amount, i.due_on
	FROM bss.invoice i
	JOIN bss.told s ON s.msisdn = i.msisdn
	CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE 'Asia/Shanghai')::date AS today) AS d
	WHERE i.paid_at IS NULL
	  AND i.due_on BETWEEN d.today - CASE p_kind WHEN 'due' THEN 0 ELSE 10 END AND d.today + CASE p_kind WHEN 'due' THEN 3 ELSE -1 END
$$;
