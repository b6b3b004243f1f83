-- hall_api.recharge(msisdn, voucher, target, mo_id, now): puts a voucher's amount on an account, once.
-- Parameters: msisdn: who sends it; voucher: its 16 digits; target: whose account, NULL: his own; mo_id: the text, the
-- key of the payment; now.
-- Result: one row.  target; amount in fen; balance and valid_until after it; used_at: when the sender himself used it.
-- Outcomes: ok (also for a text that was done before) | used_by_you | used | expired | unknown_voucher |
-- unknown_number (the target has no account here).
-- Tables: writes bss.voucher, bss.account, bss.payment.
-- Locks: the voucher, then the account.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.recharge_outcome', 'ok', 'used_by_you', 'used', 'expired', 'unknown_voucher',
	'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.recharge(p_msisdn text, p_voucher text, p_target text, p_mo_id uuid,
	p_now timestamptz,
	OUT outcome hall_api.recharge_outcome, OUT target text, OUT amount integer, OUT balance bigint,
	OUT valid_until date, OUT used_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	v bss.voucher;
	wanted bytea := sha256(convert_to(p_voucher, 'UTF8'));
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	target := coalesce(p_target, p_msisdn);
	UPDATE bss.voucher u
	SET used_at = p_now, used_by = p_msisdn, used_for = recharge.target, mo_id = p_mo_id
	WHERE u.hash = wanted AND u.used_at IS NULL AND u.expires_on >= today
	  AND EXISTS (SELECT FROM bss.account a WHERE a.msisdn = recharge.target)
	RETURNING u.* INTO v;
	IF FOUND THEN
		UPDATE bss.account a
		SET balance = a.balance + v.amount,
			valid_until = greatest(a.valid_until, today) + v.valid_days
		WHERE a.msisdn = recharge.target
		RETURNING a.balance, a.valid_until INTO balance, valid_until;
		INSERT INTO bss.payment (msisdn, id, at, kind, amount, balance, ref)
		VALUES (recharge.target, p_mo_id, p_now, 'voucher', v.amount, recharge.balance, v.serial::text);
		amount := v.amount;
		outcome := 'ok';
		RETURN;
	END IF;

	SELECT * INTO v FROM bss.voucher u WHERE u.hash = wanted;
	IF NOT FOUND THEN
		outcome := 'unknown_voucher';
		RETURN;
	END IF;
	IF v.used_at IS NOT NULL AND v.mo_id = p_mo_id THEN
		SELECT p.amount, p.balance, a.valid_until
		INTO amount, balance, valid_until
		FROM bss.payment p JOIN bss.account a ON a.msisdn = p.msisdn
		WHERE p.msisdn = v.used_for AND p.id = p_mo_id;
		target := v.used_for;
		outcome := 'ok';
	ELSIF v.used_at IS NOT NULL AND v.used_by = p_msisdn THEN
		amount := v.amount;
		target := v.used_for;
		used_at := v.used_at;
		outcome := 'used_by_you';
	ELSIF v.used_at IS NOT NULL THEN
		outcome := 'used';
	ELSIF v.expires_on < today THEN
		outcome := 'expired';
	ELSE
		outcome := 'unknown_number';
	END IF;
END
$$;
