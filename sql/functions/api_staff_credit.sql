-- hall_api.staff_credit(msisdn, staff, mo_id, now): a customer says who told him of the way by which he did his newest
-- transaction; that one earns a point.  One entry a transaction, and only ever more.
-- Parameters: msisdn; staff: the code; mo_id: the text; now.
-- Result: one row.  staff, hall; points; what: service | voucher | plan | event.
-- Outcomes: ok (also for a text that was done before) | already (that transaction has its entry) | no_transaction (none
-- within a day) | unknown_staff.
-- Tables: bss.staff, bss.payment, bss.plan_change, bss.registration; writes bss.staff_point.
-- Locks: none.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.staff_credit_outcome', 'ok', 'already', 'no_transaction', 'unknown_staff');

CREATE OR REPLACE FUNCTION hall_api.staff_credit(p_msisdn text, p_staff text, p_mo_id uuid, p_now timestamptz,
	OUT outcome hall_api.staff_credit_outcome, OUT staff text, OUT hall text, OUT points integer, OUT what text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	recently timestamptz := p_now - interval '1 day';
	newest uuid;
BEGIN
	SELECT 'ok', s.code, s.hall, l.points, l.what
	INTO outcome, staff, hall, points, what
	FROM bss.staff_point l
	JOIN bss.staff s ON s.code = l.staff
	WHERE l.msisdn = p_msisdn AND l.id = p_mo_id;
	IF FOUND THEN
		RETURN;
	END IF;
	SELECT s.code, s.hall INTO staff, hall
	FROM bss.staff s
	WHERE s.code = p_staff AND s.active AND s.msisdn IS DISTINCT FROM p_msisdn;
	IF NOT FOUND THEN
		outcome := 'unknown_staff';
		RETURN;
	END IF;

	SELECT x.id, x.what INTO newest, what
	FROM (SELECT p.id, p.at, p.kind::text AS what FROM bss.payment p
			WHERE p.msisdn = p_msisdn AND p.at > recently
		UNION ALL
		SELECT c.id, c.at, 'plan' FROM bss.plan_change c
			WHERE c.msisdn = p_msisdn AND c.at > recently AND c.state IN ('pending', 'done')
		UNION ALL
		SELECT r.mo_id, r.signed_at, 'event' FROM bss.registration r
			WHERE r.msisdn = p_msisdn AND r.signed_at > recently AND r.state <> 'cancelled' AND r.mo_id IS NOT NULL) AS x
	ORDER BY x.at DESC, x.id
	LIMIT 1;
	IF NOT FOUND THEN
		outcome := 'no_transaction';
		RETURN;
	END IF;
	points := 1;
	INSERT INTO bss.staff_point AS l (msisdn, ref, what, staff, points, at, id)
	VALUES (p_msisdn, newest, staff_credit.what, staff_credit.staff, staff_credit.points, p_now, p_mo_id)
	ON CONFLICT ON CONSTRAINT staff_point_pkey DO NOTHING;
	outcome := CASE WHEN FOUND THEN 'ok' ELSE 'already' END;
END
$$;
