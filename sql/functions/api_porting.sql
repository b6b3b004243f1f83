-- hall_api.porting(msisdn, name, idno): whether a subscriber may take his number to another operator, as far as the hall
-- can tell.
-- Parameters: msisdn; name, idno: as he gave them, NULL: he gave none.  The sample billing knows no names: yours compares
-- them too.
-- Result: one row.  balance in fen; plan_from: first day of a change of plan that is pending.
-- Outcomes: ok (nothing stands against it) | not_owner (another identity number is on record) | arrears (to be paid
-- first) | pending_change (a change of plan is pending: to be cancelled first) | unknown_number.
-- Tables: bss.subscriber, bss.account, bss.plan_change, bss.identity.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.porting_outcome', 'ok', 'not_owner', 'arrears', 'pending_change', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.porting(p_msisdn text, p_name text, p_idno text,
	OUT outcome hall_api.porting_outcome, OUT balance bigint, OUT plan_from date)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	SELECT CASE WHEN i.hash <> sha256(convert_to(p_idno, 'UTF8')) THEN 'not_owner' WHEN a.balance < 0 THEN 'arrears'
			WHEN c.id IS NOT NULL THEN 'pending_change' ELSE 'ok' END,
		a.balance, c.starts_on
	INTO outcome, balance, plan_from
	FROM bss.subscriber s
	JOIN bss.account a ON a.msisdn = s.msisdn
	LEFT JOIN bss.identity i ON i.msisdn = s.msisdn
	LEFT JOIN bss.plan_change c ON c.msisdn = s.msisdn AND c.state = 'pending'
	WHERE s.msisdn = p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_number';
	ELSIF outcome = 'not_owner' THEN
		balance := NULL;
		plan_from := NULL;
	END IF;
END
$$;
