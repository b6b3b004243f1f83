-- bss.bench_load(n): subscribers 13100000000 to 13100000000 + n - 1 for benchmarks, with accounts of 100 yuan, this
-- month's and last month's bill, data, points and a voucher each (8800000000000000 + i, 1 yuan); events BENCH0 to BENCH9
-- with places for everybody.  Needs the plans and services of demo.sql.  A superuser or hall_owner calls it, once:
--   SELECT bss.bench_load(1000000);
-- Result: how many subscribers were added.  Running it again adds what is missing.

CREATE OR REPLACE FUNCTION bss.bench_load(n integer)
RETURNS integer LANGUAGE plpgsql
SET search_path = bss, pg_temp
SET synchronous_commit = off
AS $$
DECLARE
	this_month date := date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date;
	added integer;
BEGIN
	IF n NOT BETWEEN 1 AND 99999999 THEN
		RAISE EXCEPTION 'bench_load: % subscribers', n USING ERRCODE = '22023', HINT = 'Give 1 to 99999999.';
	END IF;
	INSERT INTO bss.subscriber (msisdn, brand, province, plan, plan_since)
	SELECT (13100000000 + i)::text, 'easyown', 'js', 'CX58', this_month FROM generate_series(0, n - 1) AS i
	ON CONFLICT DO NOTHING;
	GET DIAGNOSTICS added = ROW_COUNT;
	INSERT INTO bss.account (msisdn, balance, valid_until, opening)	-- given: saves a trigger a row
	SELECT (13100000000 + i)::text, 10000, this_month + 365, 10000 FROM generate_series(0, n - 1) AS i
	ON CONFLICT DO NOTHING;
	INSERT INTO bss.points (msisdn, points, expires_on)
	SELECT (13100000000 + i)::text, i % 5000, this_month + 365 FROM generate_series(0, n - 1) AS i
	ON CONFLICT DO NOTHING;
	INSERT INTO bss.data_usage (msisdn, month, quota_mb, used_mb)
	SELECT (13100000000 + i)::text, this_month, 10240, i % 10240 FROM generate_series(0, n - 1) AS i
	ON CONFLICT DO NOTHING;
	INSERT INTO bss.bill (msisdn, month, plan, voice)
	SELECT (13100000000 + i)::text, m, 5800, i % 2000
	FROM generate_series(0, n - 1) AS i,
		(VALUES ((this_month - interval '1 month')::date), (this_month)) AS v (m)
	ON CONFLICT DO NOTHING;
	INSERT INTO bss.voucher (hash, serial, amount, valid_days, expires_on)
	SELECT sha256(convert_to((8800000000000000 + i)::text, 'UTF8')), 880000000 + i, 100, 1, '2099-12-31'
	FROM generate_series(0, n - 1) AS i
	ORDER BY 1		-- into the index from end to end, not all over it
	ON CONFLICT DO NOTHING;
	INSERT INTO bss.event AS e (code, name_zh, name_en, where_zh, where_en, starts_at, closes_at, places)
	SELECT 'BENCH' || i, '压测活动' || i, 'Bench event ' || i, '线上', 'online', this_month + 400, this_month + 399, n
	FROM generate_series(0, 9) AS i
	ON CONFLICT (code) DO UPDATE SET places = greatest(e.places, excluded.places), starts_at = excluded.starts_at,
		closes_at = excluded.closes_at;
	RETURN added;
END
$$;
