-- hall_api.transfer(msisdn, target, amount, mo_id, now): gives money of one account to another, once.
-- Parameters: msisdn: who gives; target: who gets it; amount in yuan; mo_id: the text, the key of both payments; now.
-- Result, outcomes: as hall_api.transfer_quote(); ok also for a text that was done before; balance is that after it.
-- Tables: writes bss.account, bss.payment.
-- Locks: both accounts, in order of number.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.transfer_outcome', 'ok', 'self', 'unknown_target', 'bad_amount', 'insufficient',
	'over_limit', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.transfer(p_msisdn text, p_target text, p_amount numeric, p_mo_id uuid,
	p_now timestamptz,
	OUT outcome hall_api.transfer_outcome, OUT target text, OUT amount bigint, OUT balance bigint, OUT keep bigint,
	OUT left_today bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	booked bss.payment;
BEGIN
	-- First the locks: what follows sees what others gave meanwhile.
	PERFORM FROM bss.account a WHERE a.msisdn IN (p_msisdn, p_target) ORDER BY a.msisdn FOR UPDATE;
	SELECT q.* INTO outcome, target, amount, balance, keep, left_today
	FROM hall_api.transfer_quote(p_msisdn, p_target, p_amount, p_now) AS q;
	SELECT * INTO booked FROM bss.payment p
	WHERE p.msisdn = p_msisdn AND p.id = p_mo_id AND p.kind = 'transfer_out';
	IF FOUND THEN
		outcome := 'ok';
		target := booked.ref;
		amount := -booked.amount;
		balance := booked.balance;
		RETURN;
	END IF;
	IF outcome <> 'ok' THEN
		RETURN;
	END IF;

	WITH moved AS (
		UPDATE bss.account a
		SET balance = a.balance + CASE a.msisdn WHEN p_msisdn THEN -transfer.amount ELSE transfer.amount END
		WHERE a.msisdn IN (p_msisdn, p_target)
		RETURNING a.msisdn, a.balance
	)
	INSERT INTO bss.payment (msisdn, id, at, kind, amount, balance, ref)
	SELECT m.msisdn, p_mo_id, p_now, v.kind, v.amount, m.balance, v.ref
	FROM moved m
	JOIN (VALUES (p_msisdn, 'transfer_out'::bss.payment_kind, -transfer.amount, p_target),
		(p_target, 'transfer_in', transfer.amount, p_msisdn)) AS v (msisdn, kind, amount, ref) ON v.msisdn = m.msisdn;
	balance := balance - amount;
	left_today := left_today - amount;
END
$$;
