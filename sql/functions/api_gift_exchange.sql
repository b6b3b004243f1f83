-- hall_api.gift_exchange(msisdn, gift, mo_id, now, lang, price_version): takes points and gives what they were
-- exchanged for, once.
-- Parameters: msisdn; gift: its code; mo_id: the text, the key of the exchange; now; lang: zh | en; price_version: of the
-- price that was agreed to (hall_api.gift_quote()).
-- Result: one row.  code, name; price in points; have: the points before it; points_left after it; credit in fen that was
-- put on the account, data_mb that was added to the month's data; pickup: the code to show in a hall until pickup_until.
-- Outcomes: ok (also for a text that was done before) | changed (the price is another than agreed; nothing was done) |
-- insufficient (too few points) | sold_out | not_offered (no longer) | unknown_gift | unknown_number.
-- Tables: writes bss.gift, bss.points, bss.exchange, bss.account, bss.payment, bss.data_usage.
-- Locks: the gift (only one with a stock), then the points, then the account, then the month's data.

SET LOCAL ROLE hall_api_owner;
SELECT hall.enum_type('hall_api.gift_exchange_outcome', 'ok', 'changed', 'insufficient', 'sold_out', 'not_offered',
	'unknown_gift', 'unknown_number');

CREATE OR REPLACE FUNCTION hall_api.gift_exchange(p_msisdn text, p_gift text, p_mo_id uuid, p_now timestamptz,
	p_lang text, p_price_version integer,
	OUT outcome hall_api.gift_exchange_outcome, OUT code text, OUT name text, OUT price integer, OUT have integer,
	OUT points_left integer, OUT credit integer, OUT data_mb integer, OUT pickup text, OUT pickup_until date)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = bss, pg_temp
AS $$
DECLARE
	g bss.gift;
	past bss.exchange;
	today date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
	SELECT * INTO g FROM bss.gift t WHERE t.code = p_gift;
	code := g.code;
	name := CASE p_lang WHEN 'en' THEN g.name_en ELSE g.name_zh END;
	price := g.price;
	credit := g.credit;
	data_mb := g.data_mb;
	SELECT * INTO past FROM bss.exchange e WHERE e.msisdn = p_msisdn AND e.mo_id = p_mo_id;
	IF FOUND THEN
		price := past.price;
		points_left := past.points_left;
		have := points_left + price;
		pickup := past.pickup;
		pickup_until := past.pickup_until;
		outcome := 'ok';
		RETURN;
	END IF;
	outcome := CASE WHEN g.code IS NULL THEN 'unknown_gift' WHEN g.price_version <> p_price_version THEN 'changed'
		WHEN NOT g.offered THEN 'not_offered' END;
	IF outcome IS NOT NULL THEN
		RETURN;
	END IF;

	IF g.stock IS NOT NULL THEN
		UPDATE bss.gift t SET taken = t.taken + 1 WHERE t.code = p_gift AND t.taken < t.stock;
		IF NOT FOUND THEN
			outcome := 'sold_out';
			RETURN;
		END IF;
		pickup := lpad((hashtextextended(gen_random_uuid()::text, 0) & 134217727)::text, 9, '0');
		pickup_until := today + 30;
	END IF;

	-- Those that would be lost soonest go first.
	UPDATE bss.points p
	SET points = p.points - gift_exchange.price, expiring = greatest(p.expiring - gift_exchange.price, 0)
	WHERE p.msisdn = p_msisdn AND p.points >= gift_exchange.price
	RETURNING p.points INTO points_left;
	IF NOT FOUND THEN
		IF g.stock IS NOT NULL THEN
			UPDATE bss.gift t SET taken = t.taken - 1 WHERE t.code = p_gift;
		END IF;
		pickup := NULL;
		pickup_until := NULL;
		have := coalesce((SELECT p.points FROM bss.points p WHERE p.msisdn = p_msisdn), 0);
		outcome := CASE WHEN EXISTS (SELECT FROM bss.subscriber s WHERE s.msisdn = p_msisdn)
			THEN 'insufficient' ELSE 'unknown_number' END;
		RETURN;
	END IF;
	have := points_left + price;

	INSERT INTO bss.exchange (msisdn, mo_id, at, gift, price, points_left, credit, data_mb, pickup, pickup_until)
	VALUES (p_msisdn, p_mo_id, p_now, p_gift, gift_exchange.price, gift_exchange.points_left, g.credit, g.data_mb,
		gift_exchange.pickup, gift_exchange.pickup_until);
	IF credit > 0 THEN
		WITH paid AS (
			UPDATE bss.account a SET balance = a.balance + g.credit WHERE a.msisdn = p_msisdn
			RETURNING a.balance
		)
		INSERT INTO bss.payment (msisdn, id, at, kind, amount, balance, ref)
		SELECT p_msisdn, p_mo_id, p_now, 'points', g.credit, d.balance, p_gift FROM paid d;
	END IF;
	IF data_mb > 0 THEN
		INSERT INTO bss.data_usage AS d (msisdn, month, quota_mb)
		SELECT p_msisdn, date_trunc('month', today)::date, l.data_mb + g.data_mb
		FROM bss.subscriber s JOIN bss.plan l ON l.code = s.plan
		WHERE s.msisdn = p_msisdn
		ON CONFLICT (msisdn, month) DO UPDATE SET quota_mb = d.quota_mb + g.data_mb;
	END IF;
	outcome := 'ok';
END
$$;
