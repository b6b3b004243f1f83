-- hall_api.balance(msisdn, now): how much money is left.
-- Parameters: msisdn; now.
-- Result: one row.  balance and spent (this month, so far) in fen; valid_until.
-- Outcomes: ok | low (less than 10 yuan) | arrears (below 0) | unknown_number.
-- Tables: bss.account, bss.bill.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.balance_outcome', 'ok', 'low', 'arrears', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.balance(p_msisdn text, p_now timestamptz,
	OUT outcome hall_api.balance_outcome, OUT balance bigint, OUT spent integer, OUT valid_until date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN a.balance < 0 THEN 'arrears' WHEN a.balance < 1000 THEN 'low' ELSE 'ok' END,
		a.balance, coalesce(b.total, 0), a.valid_until
	INTO outcome, balance, spent, valid_until
	FROM bss.account a
	LEFT JOIN bss.bill b ON b.msisdn = a.msisdn
		AND b.month = date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai')::date
	WHERE a.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_number';
	END IF;
END
$$;
