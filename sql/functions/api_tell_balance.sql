-- hall_api.tell_balance(now, kind): whose account is low, for reminders.
-- Parameters: now; kind: low: below 10 yuan | arrears: below 0.
-- Result: a row an account: msisdn, lang; balance, owed: in fen; valid_until.
-- Tables: bss.account, bss.told.  It reads all accounts: an index on what each recharge changes would cost more.

SET LOCAL ROLE hall_api_owner;
CREATE OR REPLACE FUNCTION hall_api.tell_balance(p_now timestamptz, p_kind text)
RETURNS TABLE (msisdn text, lang text, balance bigint, owed bigint, valid_until date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = bss, pg_temp
SET enable_seqscan = on
SET enable_hashjoin = on
AS $$
BEGIN
	RETURN QUERY
	SELECT a.msisdn, t.lang, a.balance, greatest(-a.balance, 0), a.valid_until
	FROM bss.account a
	JOIN bss.told t ON t.msisdn = a.msisdn
	WHERE CASE p_kind WHEN 'arrears' THEN a.balance < 0 WHEN 'low' THEN a.balance >= 0 AND a.balance < 1000 END;
END
$$;
