-- hall_api.coupon_list(msisdn, now, lang): the coupons of a subscriber that can be used.
-- Parameters: msisdn; now; lang: zh | en.
-- Result: a row a coupon, soonest to end first: coupon, name, amount in fen, until_on.
-- Outcomes: ok (no row: none).
-- Tables: bss.coupon.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.coupon_list_outcome', 'ok');

CREATE OR REPLACE FUNCTION hall_api.coupon_list(p_msisdn text, p_now timestamptz, p_lang text)
RETURNS TABLE (outcome hall_api.coupon_list_outcome, coupon text, name text, amount integer, until_on date)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
SET search_path = bss, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'ok'::hall_api.coupon_list_outcome, c.coupon, CASE p_lang WHEN 'en' THEN c.name_en ELSE c.name_zh END, c.amount,
		c.until_on
	FROM bss.coupon c
	WHERE c.msisdn = p_msisdn AND c.used_at IS NULL AND c.until_on >= (p_now AT TIME ZONE 'Asia/Shanghai')::date
	ORDER BY c.until_on, c.coupon;
END
$$;
