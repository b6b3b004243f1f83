-- hall.two_shares(n1, k1, n0, k0): how far the share k1 of n1 lies above the share k0 of n0.
-- Called by hall.attribution().
-- Parameters: how many there are in the one group and how many of them did it; the same of the control group.
-- Result: one row.  share1, share0: percent; lift: their difference in percentage points; low, high: where it lies with 95 %
-- probability (Newcombe's interval of two Wilson scores); p: how likely chance alone makes a difference as large (two-sided
-- z test of two proportions, to seven places); enough: both groups have at least 100, and at least five of each would and
-- five would not do it if the groups were alike; below that the interval and p say nothing, and are NULL.
-- All but the counts NULL where a group is empty.
-- Tables: none.

SET LOCAL ROLE hall_owner;

CREATE OR REPLACE FUNCTION hall.two_shares(n1 bigint, k1 bigint, n0 bigint, k0 bigint,
	OUT share1 double precision, OUT share0 double precision, OUT lift double precision, OUT low double precision,
	OUT high double precision, OUT p double precision, OUT enough boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	z CONSTANT double precision := 1.959963984540054;	-- 97.5 % of the normal distribution lie below
	p1 double precision := k1::double precision / nullif(n1, 0);
	p0 double precision := k0::double precision / nullif(n0, 0);
	pooled double precision := (k1 + k0)::double precision / nullif(n1 + n0, 0);
	half1 double precision;
	half0 double precision;
	mid1 double precision;
	mid0 double precision;
	x double precision;
	t double precision;
BEGIN
	share1 := 100 * p1;
	share0 := 100 * p0;
	lift := share1 - share0;
	enough := least(n1, n0) >= 100 AND least(n1, n0) * least(pooled, 1 - pooled) >= 5;
	IF NOT enough THEN
		RETURN;
	END IF;
	mid1 := (p1 + z * z / (2 * n1)) / (1 + z * z / n1);
	mid0 := (p0 + z * z / (2 * n0)) / (1 + z * z / n0);
	half1 := z * sqrt(p1 * (1 - p1) / n1 + z * z / (4.0 * n1 * n1)) / (1 + z * z / n1);
	half0 := z * sqrt(p0 * (1 - p0) / n0 + z * z / (4.0 * n0 * n0)) / (1 + z * z / n0);
	low := lift - 100 * sqrt((p1 - mid1 + half1) ^ 2 + (mid0 + half0 - p0) ^ 2);
	high := lift + 100 * sqrt((mid1 + half1 - p1) ^ 2 + (p0 - mid0 + half0) ^ 2);
	-- The complementary error function of x, after Abramowitz and Stegun, 7.1.26.
	x := abs(p1 - p0) / sqrt(2 * pooled * (1 - pooled) * (1.0 / n1 + 1.0 / n0));
	t := 1 / (1 + 0.3275911 * x);
	p := CASE WHEN x > 26 THEN 0 ELSE least(1, exp(-x * x) * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741
		+ t * (-1.453152027 + t * 1.061405429))))) END;
END
$$;

GRANT EXECUTE ON FUNCTION hall.two_shares(bigint, bigint, bigint, bigint) TO hall_ops, hall_campaign, hall_viewer;
