-- hall_api.transfer_quote(msisdn, target, amount, now): whether money can be given to another number, for the question
-- before it and for hall_api.transfer(), which checks the same.
-- Parameters: msisdn: who gives; target: who gets it; amount in yuan; now.
-- Result: one row.  target; amount in fen; balance of who gives; keep: what he must keep; left_today: what he may still
-- give today (in Shanghai); all in fen.
-- Outcomes: ok | self | unknown_target (no account here) | bad_amount (no whole yuan from 1 to 500) |
-- insufficient (he would keep less) | over_limit (more than 1000 yuan a day) | unknown_number.
-- Tables: bss.account, bss.payment.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.transfer_outcome', 'ok', 'self', 'unknown_target', 'bad_amount', 'insufficient',
	'over_limit', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.transfer_quote(p_msisdn text, p_target text, p_amount numeric, p_now timestamptz,
	OUT outcome hall_api.transfer_outcome, OUT target text, OUT amount bigint, OUT balance bigint, OUT keep bigint,
	OUT left_today bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	most CONSTANT bigint := 50000;
	most_a_day CONSTANT bigint := 100000;
	midnight timestamptz := date_trunc('day', p_now AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai';
BEGIN
	target := p_target;
	keep := 1000;
	amount := CASE WHEN p_amount BETWEEN 0 AND 1000000 THEN p_amount * 100 END;
	SELECT a.balance, greatest(most_a_day + coalesce((SELECT sum(p.amount) FROM bss.payment p
			WHERE p.msisdn = p_msisdn AND p.kind = 'transfer_out' AND p.at >= midnight), 0), 0)
	INTO balance, left_today
	FROM bss.account a
	WHERE a.msisdn = p_msisdn;
	outcome := CASE
		WHEN NOT FOUND THEN 'unknown_number'
		WHEN p_target = p_msisdn THEN 'self'
		WHEN amount IS NULL OR amount NOT BETWEEN 100 AND most OR amount % 100 <> 0 THEN 'bad_amount'
		WHEN NOT EXISTS (SELECT FROM bss.account a WHERE a.msisdn = p_target) THEN 'unknown_target'
		WHEN balance - amount < keep THEN 'insufficient'
		WHEN amount > left_today THEN 'over_limit'
		ELSE 'ok' END;
END
$$;
