-- hall_api.staff_month(msisdn, month, now): the points of who asks, if he is staff.
-- Parameters: msisdn: of the one who asks; month: its first day, NULL: the current one; now.
-- Result: one row.  staff: the code; month; points, entries: in that month; total: points of all months.
-- Outcomes: ok | not_staff.
-- Tables: bss.staff, bss.staff_point.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.staff_month_outcome', 'ok', 'not_staff');

CREATE OR REPLACE FUNCTION hall_api.staff_month(p_msisdn text, p_month date, p_now timestamptz,
	OUT outcome hall_api.staff_month_outcome, OUT staff text, OUT month date, OUT points bigint, OUT entries bigint,
	OUT total bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
BEGIN
	month := date_trunc('month', coalesce(p_month::timestamp, p_now AT TIME ZONE 'Asia/Shanghai'))::date;
	SELECT s.code INTO staff FROM bss.staff s WHERE s.msisdn = p_msisdn AND s.active;
	IF NOT FOUND THEN
		outcome := 'not_staff';
		RETURN;
	END IF;
	SELECT coalesce(sum(l.points) FILTER (WHERE m.inside), 0), count(*) FILTER (WHERE m.inside), coalesce(sum(l.points), 0)
	INTO points, entries, total
	FROM bss.staff_point l,
	LATERAL (SELECT l.at >= staff_month.month::timestamp AT TIME ZONE 'Asia/Shanghai'
		AND l.at < (staff_month.month + interval '1 month') AT TIME ZONE 'Asia/Shanghai' AS inside) AS m
	WHERE l.staff = staff_month.staff;
	outcome := 'ok';
END
$$;
